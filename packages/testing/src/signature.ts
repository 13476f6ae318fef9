import { constants, createHmac, KeyObject, sign } from 'node:crypto';
import type { CryptoKey } from 'jose';
import type { SigningKey } from './signing-key.ts';

/** What can be computed over a signing input, including what a verifier has to refuse. */
export type SignatureAlgorithm =
  | `${'ES' | 'RS' | 'PS' | 'HS'}${'256' | '384' | '512'}`
  | 'EdDSA'
  /** No signature at all: the third part stays empty. */
  | 'none';

/** A key to sign with: a whole {@link SigningKey}, a private key, or the bytes of an HMAC secret. */
export type SignatureKey = SigningKey | CryptoKey | KeyObject | Uint8Array;

/**
 * Computes a JWS signature with exactly the algorithm and key given.
 *
 * Unlike a JOSE library it does not check that a key is meant for the algorithm or is strong enough: an HMAC
 * over a public key's PEM is a token somebody will send.
 *
 * @returns the raw signature bytes, ECDSA as `r || s`
 * @throws TypeError when the key cannot be used with the algorithm at all
 * @see {@link https://www.rfc-editor.org/rfc/rfc7518#section-3 | RFC 7518 §3}
 */
export function computeSignature(
  algorithm: SignatureAlgorithm,
  key: SignatureKey,
  signingInput: Uint8Array,
): Uint8Array {
  if (algorithm === 'none') return new Uint8Array();
  const digest = `sha${algorithm.slice(2)}`;
  if (algorithm.startsWith('HS')) {
    if (!(key instanceof Uint8Array)) {
      throw new TypeError(`key must be the secret's bytes (a Uint8Array) when algorithm is ${algorithm}.`);
    }
    return createHmac(digest, key).update(signingInput).digest();
  }
  const privateKey = asKeyObject(key, algorithm);
  if (algorithm === 'EdDSA') return sign(null, signingInput, privateKey);
  if (algorithm.startsWith('ES')) {
    return sign(digest, signingInput, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  }
  if (algorithm.startsWith('PS')) {
    const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
    return sign(digest, signingInput, {
      key: privateKey,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength,
    });
  }
  return sign(digest, signingInput, privateKey);
}

function asKeyObject(key: SignatureKey, algorithm: SignatureAlgorithm): KeyObject {
  if (key instanceof Uint8Array) {
    throw new TypeError(`key must be a private key, not bytes, when algorithm is ${algorithm}.`);
  }
  const privateKey = 'privateKey' in key ? key.privateKey : key;
  const keyObject = privateKey instanceof KeyObject ? privateKey : KeyObject.from(privateKey);
  const expected =
    algorithm === 'EdDSA' ? ['ed25519'] : algorithm.startsWith('ES') ? ['ec'] : ['rsa', 'rsa-pss'];
  const actual = keyObject.asymmetricKeyType ?? keyObject.type;
  if (!expected.includes(actual)) {
    throw new TypeError(`key must be of type ${expected.join(' or ')} for ${algorithm}, received ${actual}.`);
  }
  return keyObject;
}
