import type { CryptoKey, JWK } from 'jose';
import type { SigningAlgorithm } from '../../client-authentication/signing-key.ts';

const RSA = { name: 'RSASSA-PKCS1-v1_5' };
const ED25519 = { name: 'Ed25519' };
const ecdsa = (hash: string) => ({ name: 'ECDSA', hash });
const rsaPss = (saltLength: number) => ({ name: 'RSA-PSS', saltLength });

/** How WebCrypto signs by each algorithm. */
export const SIGNATURE_PARAMETERS: Readonly<
  Record<SigningAlgorithm, { readonly name: string; readonly hash?: string; readonly saltLength?: number }>
> = {
  ES256: ecdsa('SHA-256'),
  ES384: ecdsa('SHA-384'),
  ES512: ecdsa('SHA-512'),
  RS256: RSA,
  RS384: RSA,
  RS512: RSA,
  PS256: rsaPss(32),
  PS384: rsaPss(48),
  PS512: rsaPss(64),
  EdDSA: ED25519,
  Ed25519: ED25519,
};

/**
 * Validates an algorithm given by the user.
 *
 * @throws TypeError naming the option and the mend
 */
export function assertProofAlgorithm(value: unknown): asserts value is SigningAlgorithm {
  if (isProofAlgorithm(value)) return;
  throw new TypeError(
    `algorithm must be one of ${Object.keys(SIGNATURE_PARAMETERS).join(', ')}; proofs are signed with a private key.`,
  );
}

function isProofAlgorithm(value: unknown): value is SigningAlgorithm {
  return typeof value === 'string' && Object.hasOwn(SIGNATURE_PARAMETERS, value);
}

/** The algorithm that a private JWK is for: its `alg`, else what its curve allows. `undefined` if it does not say. */
export function algorithmOfJwk({ alg, crv }: JWK): SigningAlgorithm | undefined {
  if (isProofAlgorithm(alg)) return alg;
  return crv !== undefined && Object.hasOwn(CURVES, crv) ? CURVES[crv] : undefined;
}

/** The algorithm that a `CryptoKey` is for. */
export function algorithmOfCryptoKey({ algorithm }: CryptoKey): SigningAlgorithm | undefined {
  const { name, namedCurve, hash } = algorithm as {
    name: string;
    namedCurve?: string;
    hash?: { name: string };
  };
  const family = FAMILIES[name];
  if (family !== undefined) {
    const named = `${family}${hash?.name.slice('SHA-'.length) ?? ''}`;
    return isProofAlgorithm(named) ? named : undefined;
  }
  return CURVES[namedCurve ?? name];
}

const FAMILIES: Readonly<Record<string, string>> = { 'RSASSA-PKCS1-v1_5': 'RS', 'RSA-PSS': 'PS' };
const CURVES: Readonly<Record<string, SigningAlgorithm>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'EdDSA',
};
