import { calculateJwkThumbprint, exportJWK, generateKeyPair, type CryptoKey, type JWK } from 'jose';

/** The algorithms that {@link createSigningKey} makes keys for. */
export const SIGNING_ALGORITHMS = ['ES256', 'ES384', 'ES512', 'RS256', 'PS256', 'EdDSA'] as const;

/** A JWS algorithm with a private key; RSA keys have 2048 bits, `EdDSA` means Ed25519. */
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** A fresh key pair, in the forms that minting, publishing and a client under test need. */
export interface SigningKey {
  readonly algorithm: SigningAlgorithm;
  /** The `kid`; by default the RFC 7638 thumbprint. */
  readonly keyId: string;
  /** Extractable, so that a test can export it into whatever form the code under test reads. */
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  /** Public members only, with `kid`, `alg` and `use`. */
  readonly publicJwk: JWK;
  /** The RFC 7638 SHA-256 thumbprint: what `cnf.jkt` holds for a DPoP key. */
  readonly thumbprint: string;
}

/**
 * Generates a key pair for tests: an authority's signing key, a client's assertion key, or an attacker's.
 *
 * Publishes nothing; see `TestAuthority.addKey` for that.
 *
 * @param algorithm - default `ES256`
 * @param keyId - the `kid`; default the key's thumbprint
 * @throws TypeError when the algorithm is not one of {@link SIGNING_ALGORITHMS}
 * @see {@link https://www.rfc-editor.org/rfc/rfc7518#section-3.1 | RFC 7518 §3.1}
 */
export async function createSigningKey(
  algorithm: SigningAlgorithm = 'ES256',
  keyId?: string,
): Promise<SigningKey> {
  if (!SIGNING_ALGORITHMS.includes(algorithm)) {
    throw new TypeError(`algorithm must be one of ${SIGNING_ALGORITHMS.join(', ')}, received ${algorithm}.`);
  }
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = await exportJWK(publicKey);
  const thumbprint = await calculateJwkThumbprint(jwk);
  const kid = keyId ?? thumbprint;
  return {
    algorithm,
    keyId: kid,
    privateKey,
    publicKey,
    publicJwk: { ...jwk, kid, alg: algorithm, use: 'sig' },
    thumbprint,
  };
}
