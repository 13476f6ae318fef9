import { SignJWT, type CryptoKey } from 'jose';
import { assertKnownOptions } from '../../known-options.ts';
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '../signature-algorithms.ts';

/** The key that signs the metadata document. */
export interface MetadataSigningOptions {
  /** A private key that may sign. */
  readonly key: CryptoKey;
  readonly algorithm: SignatureAlgorithm;
  readonly keyId?: string;
  /** Who vouches for the metadata. Default: the resource itself. */
  readonly issuer?: string;
}

/**
 * Validates the options.
 *
 * @throws TypeError naming the option and the mend
 */
export function assertMetadataSigningOptions(options: MetadataSigningOptions | undefined): void {
  if (options === undefined) return;
  assertKnownOptions(options, ['key', 'algorithm', 'keyId', 'issuer'], 'signedMetadata');
  if (!SIGNATURE_ALGORITHMS.includes(options.algorithm)) {
    throw new TypeError(`signedMetadata.algorithm must be one of ${SIGNATURE_ALGORITHMS.join(', ')}.`);
  }
  if (
    typeof options.key !== 'object' ||
    options.key?.type !== 'private' ||
    !options.key.usages.includes('sign')
  ) {
    throw new TypeError('signedMetadata.key must be a private CryptoKey with the usage "sign".');
  }
}

/**
 * Signs metadata: the JWT that goes into the document as `signed_metadata`.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-2.2 | RFC 9728 §2.2}
 */
export function signMetadata(
  metadata: Readonly<Record<string, unknown>>,
  { key, algorithm, keyId, issuer }: MetadataSigningOptions,
  nowSeconds: number,
): Promise<string> {
  return new SignJWT({ ...metadata })
    .setProtectedHeader({ alg: algorithm, ...(keyId === undefined ? {} : { kid: keyId }) })
    .setIssuer(issuer ?? String(metadata.resource))
    .setIssuedAt(nowSeconds)
    .sign(key);
}
