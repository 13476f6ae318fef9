import { constants, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { parseCompactJws } from '../../src/server/compact-jws.ts';
import { isSignatureValid } from '../../src/server/jws-signature.ts';
import { createKeySet } from '../../src/server/key-set.ts';
import { SIGNATURE_ALGORITHMS } from '../../src/server/signature-algorithms.ts';
import { VerificationFailure } from '../../src/server/verification-failure.ts';

/** A key pair of Node's own, independent of the library that verifies. */
export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}
/** A key as a key set has it, right or wrong. */
export type Jwk = Readonly<Record<string, unknown>>;

/** Any value as JSON in base64url. */
export const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
/** What is signed. */
export const input = (header: unknown, claims: unknown = { iss: 'i' }): string =>
  `${encode(header)}.${encode(claims)}`;
/** A token out of what is signed and a signature. */
export const join = (signed: string, signature: Uint8Array): string =>
  `${signed}.${Buffer.from(signature).toString('base64url')}`;
/** The public JWK of a pair, with members added or replaced. */
export const jwkOf = ({ publicKey }: KeyPair, members: Jwk = {}): Jwk => ({
  ...publicKey.export({ format: 'jwk' }),
  ...members,
});
/** Generates a pair for an algorithm. */
export const generate = (algorithm: string): KeyPair => {
  if (algorithm.startsWith('E') && !algorithm.startsWith('ES')) return generateKeyPairSync('ed25519');
  const curve = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }[algorithm];
  if (curve !== undefined) return generateKeyPairSync('ec', { namedCurve: curve });
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
};

/** Signs as an algorithm's name says. */
export function signAs(algorithm: string, key: KeyObject, signed: string): Buffer {
  const bytes = Buffer.from(signed);
  if (algorithm.startsWith('Ed')) return sign(null, bytes, key);
  const digest = `sha${algorithm.slice(2)}`;
  if (algorithm.startsWith('ES')) return sign(digest, bytes, { key, dsaEncoding: 'ieee-p1363' });
  if (algorithm.startsWith('RS')) return sign(digest, bytes, key);
  return signWithSalt(algorithm, key, signed, constants.RSA_PSS_SALTLEN_DIGEST);
}

/** Signs by RSA-PSS with a salt of any length. */
export function signWithSalt(algorithm: string, key: KeyObject, signed: string, saltLength: number): Buffer {
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return sign(`sha${algorithm.slice(2)}`, Buffer.from(signed), { key, padding, saltLength });
}

/** What becomes of a token, with a key set and nothing else to go by: `valid`, `invalid`, or why it got no further. */
export async function verify(token: string, ...keys: readonly unknown[]): Promise<string> {
  try {
    const jws = parseCompactJws(token);
    const keySet = createKeySet({
      issuer: 'https://auth.example.com',
      algorithms: SIGNATURE_ALGORITHMS,
      now: Date.now,
      staleIfErrorSeconds: 60,
      fetchKeys: async () => ({ keys, lifetimeSeconds: 60 }),
    });
    const { cryptoKey } = await keySet.find(jws.algorithm, jws.keyId);
    return (await isSignatureValid(jws, cryptoKey)) ? 'valid' : 'invalid';
  } catch (error) {
    if (error instanceof VerificationFailure) return error.reason;
    throw error;
  }
}

/** What {@link verify} says of a key set of which nothing can be used. */
export const NO_KEY = 'issuer_unavailable';
