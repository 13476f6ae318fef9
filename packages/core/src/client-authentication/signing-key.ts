import { importJWK, importPKCS8, type CryptoKey, type JWK } from 'jose';
import { kindOf } from '../printable-text.ts';
import { ClientSecretError } from './client-secret.ts';
import { readPkcs8 } from './pkcs8.ts';

/** Asymmetric signature algorithms of JWS. */
export type SigningAlgorithm =
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'EdDSA'
  | 'Ed25519';

/** Of RSA keys. */
export const MIN_MODULUS_BITS = 2048;

/** A private key: a `CryptoKey`, a JWK, or PKCS #8 in PEM. */
export type PrivateKey = CryptoKey | JWK | string;

/** A private key that is imported once, when first needed. */
export interface SigningKey {
  /** The JWK's own `kid`, if any. */
  readonly keyId: string | undefined;
  /** @throws ClientSecretError for a key that is broken or too weak */
  load(): Promise<CryptoKey>;
}

/**
 * Checks a private key against its algorithm as far as that goes without importing it.
 *
 * No message holds any part of the key.
 *
 * @throws TypeError naming the option and the mend
 */
export function createSigningKey(key: PrivateKey, algorithm: SigningAlgorithm): SigningKey {
  assertSigningAlgorithm(algorithm);
  const shape = KEY_SHAPES[algorithm];
  if (typeof key === 'string') {
    const pem = readPkcs8(key);
    return { keyId: undefined, load: once(() => importKey(() => importPKCS8(pem, algorithm), algorithm)) };
  }
  if (typeof key !== 'object' || key === null) {
    throw new TypeError(`key must be a CryptoKey, a JWK or PKCS #8 in PEM, received ${kindOf(key)}.`);
  }
  if (isCryptoKey(key)) {
    assertCryptoKey(key, algorithm, shape);
    return { keyId: undefined, load: () => importKey(() => Promise.resolve(key), algorithm) };
  }
  assertJwk(key, algorithm, shape);
  // A JWK made for another use of the same key would not import: what it is used for is decided here.
  const { use: _use, key_ops: _operations, ext: _extractable, ...material } = key;
  return {
    keyId: typeof key.kid === 'string' ? key.kid : undefined,
    load: once(() =>
      importKey(async () => (await importJWK(material as JWK, algorithm)) as CryptoKey, algorithm),
    ),
  };
}

/**
 * Refuses an algorithm that does not sign with a private key.
 *
 * @throws TypeError listing those that do
 */
export function assertSigningAlgorithm(algorithm: unknown): asserts algorithm is SigningAlgorithm {
  if (typeof algorithm === 'string' && Object.hasOwn(KEY_SHAPES, algorithm)) return;
  throw new TypeError(
    `algorithm must be one of ${Object.keys(KEY_SHAPES).join(', ')}; a client assertion is signed with a private key.`,
  );
}

/** Tells a `CryptoKey` from a JWK. */
export function isCryptoKey(key: CryptoKey | JWK): key is CryptoKey {
  return 'usages' in key && 'algorithm' in key && !('kty' in key);
}

interface KeyShape {
  readonly kty: string;
  readonly crv?: string;
  /** Name of the WebCrypto algorithm, and its curve or hash. */
  readonly name: string;
  readonly hash?: string;
}

const rsa = (name: string, hash: string): KeyShape => ({ kty: 'RSA', name, hash });
const KEY_SHAPES: Readonly<Record<SigningAlgorithm, KeyShape>> = {
  ES256: { kty: 'EC', crv: 'P-256', name: 'ECDSA' },
  ES384: { kty: 'EC', crv: 'P-384', name: 'ECDSA' },
  ES512: { kty: 'EC', crv: 'P-521', name: 'ECDSA' },
  RS256: rsa('RSASSA-PKCS1-v1_5', 'SHA-256'),
  RS384: rsa('RSASSA-PKCS1-v1_5', 'SHA-384'),
  RS512: rsa('RSASSA-PKCS1-v1_5', 'SHA-512'),
  PS256: rsa('RSA-PSS', 'SHA-256'),
  PS384: rsa('RSA-PSS', 'SHA-384'),
  PS512: rsa('RSA-PSS', 'SHA-512'),
  EdDSA: { kty: 'OKP', crv: 'Ed25519', name: 'Ed25519' },
  Ed25519: { kty: 'OKP', crv: 'Ed25519', name: 'Ed25519' },
};

async function importKey(load: () => Promise<CryptoKey>, algorithm: SigningAlgorithm): Promise<CryptoKey> {
  let key: CryptoKey;
  try {
    key = await load();
  } catch {
    throw new ClientSecretError(
      `key cannot be imported for ${algorithm}: it is broken, or made for another algorithm.`,
    );
  }
  const { modulusLength } = key.algorithm as { modulusLength?: number };
  if (modulusLength !== undefined && modulusLength < MIN_MODULUS_BITS) {
    throw new ClientSecretError(
      `key has ${modulusLength} bits; ${algorithm} takes RSA keys of at least ${MIN_MODULUS_BITS} (RFC 7518 §3.3).`,
    );
  }
  return key;
}

function assertCryptoKey(key: CryptoKey, algorithm: SigningAlgorithm, shape: KeyShape): void {
  if (key.type !== 'private' || !key.usages.includes('sign')) {
    throw new TypeError('key must be a private CryptoKey with the usage "sign".');
  }
  const actual = key.algorithm as { name: string; namedCurve?: string; hash?: { name: string } };
  const fits =
    actual.name === shape.name &&
    (shape.name !== 'ECDSA' || actual.namedCurve === shape.crv) &&
    (shape.hash === undefined || actual.hash?.name === shape.hash);
  if (!fits) {
    const variant = actual.namedCurve ?? actual.hash?.name;
    throw new TypeError(
      `key does not fit algorithm ${algorithm}: it is a key for ${actual.name}${variant === undefined ? '' : ` with ${variant}`}.`,
    );
  }
}

function assertJwk(key: JWK, algorithm: SigningAlgorithm, shape: KeyShape): void {
  if (typeof key.d !== 'string') {
    throw new TypeError('key is a JWK without its private part "d"; the private key is needed to sign.');
  }
  const fits = key.kty === shape.kty && (shape.crv === undefined || key.crv === shape.crv);
  if (!fits || (key.alg !== undefined && !sameAlgorithm(key.alg, algorithm))) {
    throw new TypeError(
      `key does not fit algorithm ${algorithm}: a JWK with kty ${shape.kty}${shape.crv === undefined ? '' : ` and crv ${shape.crv}`}, and alg ${algorithm} or none, is needed.`,
    );
  }
}

function sameAlgorithm(first: string, second: string): boolean {
  const name = (algorithm: string): string => (algorithm === 'Ed25519' ? 'EdDSA' : algorithm);
  return name(first) === name(second);
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => (loaded ??= load());
}
