import { importJWK, importPKCS8, type CryptoKey, type JWK } from 'jose';

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

/** A private key: a `CryptoKey`, a JWK, or PKCS #8 in PEM. */
export type PrivateKey = CryptoKey | JWK | string;

/** A private key that is imported once, when first needed. */
export interface SigningKey {
  /** The JWK's own `kid`, if any. */
  readonly keyId: string | undefined;
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
  const shape =
    typeof algorithm === 'string' && Object.hasOwn(KEY_SHAPES, algorithm) ? KEY_SHAPES[algorithm] : undefined;
  if (shape === undefined) {
    throw new TypeError(
      `algorithm must be one of ${Object.keys(KEY_SHAPES).join(', ')}; a client assertion is signed with a private key.`,
    );
  }
  if (typeof key === 'string') {
    assertPkcs8(key);
    return { keyId: undefined, load: once(() => importPKCS8(key, algorithm)) };
  }
  if (typeof key !== 'object' || key === null) {
    throw new TypeError('key must be a CryptoKey, a JWK or PKCS #8 in PEM.');
  }
  if (isCryptoKey(key)) {
    assertCryptoKey(key, algorithm, shape);
    return { keyId: undefined, load: () => Promise.resolve(key) };
  }
  assertJwk(key, algorithm, shape);
  // A JWK made for another use of the same key would not import: what it is used for is decided here.
  const { use: _use, key_ops: _operations, ext: _extractable, ...material } = key;
  return {
    keyId: typeof key.kid === 'string' ? key.kid : undefined,
    load: once(async () => (await importJWK(material as JWK, algorithm)) as CryptoKey),
  };
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

function assertPkcs8(pem: string): void {
  const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(pem)?.[1];
  if (label === 'PRIVATE KEY') return;
  if (label === 'EC PRIVATE KEY' || label === 'RSA PRIVATE KEY') {
    throw new TypeError(
      `key is PEM of the kind "${label}"; convert it to PKCS #8 with: openssl pkcs8 -topk8 -nocrypt -in key.pem`,
    );
  }
  if (label === 'ENCRYPTED PRIVATE KEY') {
    throw new TypeError('key is encrypted PEM; decrypt it first with: openssl pkcs8 -in key.pem');
  }
  if (label === 'PUBLIC KEY' || label === 'CERTIFICATE') {
    throw new TypeError(`key is PEM of the kind "${label}"; the private key is needed to sign.`);
  }
  throw new TypeError(
    'key, as a string, must be PKCS #8 in PEM ("-----BEGIN PRIVATE KEY-----…"); read a file before passing it.',
  );
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

function isCryptoKey(key: CryptoKey | JWK): key is CryptoKey {
  return 'usages' in key && 'algorithm' in key && !('kty' in key);
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => (loaded ??= load());
}
