import { SignJWT, type CryptoKey } from 'jose';
import { createSigningKey } from '../../client-authentication/signing-key.ts';
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
  for (const name of ['keyId', 'issuer'] as const) {
    if (options[name] !== undefined && (typeof options[name] !== 'string' || options[name] === ''))
      throw new TypeError(`signedMetadata.${name} must be a text.`);
  }
  assertSigns(options);
}

/** A key of another algorithm would be found out by whoever asks for the document. */
function assertSigns({ key, algorithm }: MetadataSigningOptions): void {
  if (typeof key !== 'object' || key === null || !('usages' in key)) {
    throw new TypeError('signedMetadata.key must be a private CryptoKey with the usage "sign".');
  }
  try {
    createSigningKey(key, algorithm);
  } catch (error) {
    throw new TypeError(`signedMetadata.${(error as Error).message}`, { cause: error });
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
