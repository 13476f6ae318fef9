import type { CryptoKey } from 'jose';
import type { CompactJws } from './compact-jws.ts';
import type { SignatureAlgorithm } from './signature-algorithms.ts';

type VerifyParameters = Parameters<typeof crypto.subtle.verify>[0];

const PARAMETERS: Readonly<Record<SignatureAlgorithm, VerifyParameters>> = {
  RS256: { name: 'RSASSA-PKCS1-v1_5' },
  RS384: { name: 'RSASSA-PKCS1-v1_5' },
  RS512: { name: 'RSASSA-PKCS1-v1_5' },
  PS256: { name: 'RSA-PSS', saltLength: 32 },
  PS384: { name: 'RSA-PSS', saltLength: 48 },
  PS512: { name: 'RSA-PSS', saltLength: 64 },
  ES256: { name: 'ECDSA', hash: 'SHA-256' },
  ES384: { name: 'ECDSA', hash: 'SHA-384' },
  ES512: { name: 'ECDSA', hash: 'SHA-512' },
  EdDSA: { name: 'Ed25519' },
  Ed25519: { name: 'Ed25519' },
};

const ENCODER = new TextEncoder();

/**
 * Verifies the signature of a token that was taken apart, with a key that was imported for its algorithm.
 *
 * The parts are not decoded a second time, which is what a general JWS library would do here. Whether the
 * algorithm is allowed and the key is the right one is the caller's to decide; a key of another algorithm
 * verifies nothing, because it is bound to its own.
 *
 * @returns whether the signature is valid; `false` also for an unknown algorithm or a key of another one
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-5.2 | RFC 7515 §5.2},
 *   {@link https://www.rfc-editor.org/rfc/rfc7518#section-3 | RFC 7518 §3}
 */
export async function isSignatureValid(
  { algorithm, signingInput, signature }: Pick<CompactJws, 'algorithm' | 'signingInput' | 'signature'>,
  key: CryptoKey,
): Promise<boolean> {
  if (!Object.hasOwn(PARAMETERS, algorithm)) return false;
  try {
    const parameters = PARAMETERS[algorithm as SignatureAlgorithm];
    return await crypto.subtle.verify(parameters, key, signature, ENCODER.encode(signingInput));
  } catch {
    return false;
  }
}
