import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';

import { printable } from '@mcp-m2m/core';
import { calculateJwkThumbprint } from 'jose';

import type { PublicJwk } from './public-jwk.ts';

/** Algorithms a client assertion may be signed with, all asymmetric. */
export const ASSERTION_ALGORITHMS = [
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
] as const;

const RSA_ALGORITHMS: readonly string[] = ASSERTION_ALGORITHMS.filter((name) => /^[PR]S/.test(name));
const CURVE_ALGORITHMS = new Map<string, readonly string[]>([
  ['P-256', ['ES256']],
  ['P-384', ['ES384']],
  ['P-521', ['ES512']],
  ['Ed25519', ['EdDSA', 'Ed25519']],
]);
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/**
 * Validates the public key of a client and brings it into one form.
 *
 * Accepts a JWK or a PEM text (`-----BEGIN PUBLIC KEY-----`): P-256, P-384, P-521, Ed25519, or RSA of 2048
 * to 8192 bits with an exponent of at least 65537. The key id is the JWK's `kid`, or the RFC 7638
 * thumbprint. Does not check that the client holds the private key.
 *
 * @param value - what was registered
 * @param option - the option's name, for the message
 * @throws TypeError when the key is private, symmetric, weak or of another kind; never shows the key
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-3 | RFC 7523 §3}
 */
export async function parseClientPublicKey(
  value: unknown,
  option = 'authentication.publicKey',
): Promise<PublicJwk & { readonly kid: string }> {
  const jwk = typeof value === 'string' ? undefined : assertPublicJwk(value, option);
  const key = jwk === undefined ? readPem(String(value), option) : readJwk(jwk, option);
  const { kty, crv, x, y, n, e } = key.export({ format: 'jwk' }) as PublicJwk;
  const algorithms = kty === 'RSA' ? RSA_ALGORITHMS : (CURVE_ALGORITHMS.get(crv ?? '') ?? []);
  if (algorithms.length === 0) {
    throw new TypeError(
      `${option} must be P-256, P-384, P-521, Ed25519 or RSA, received ${describeKind(key)}.`,
    );
  }
  if (kty === 'RSA') assertStrongRsa(key, option);
  if (jwk?.alg !== undefined && !algorithms.includes(jwk.alg)) {
    throw new TypeError(
      `${option}.alg must be one of ${algorithms.join(', ')} for this kind of key, received ${printable(jwk.alg)}.`,
    );
  }
  const material = kty === 'RSA' ? { kty, n, e } : y === undefined ? { kty, crv, x } : { kty, crv, x, y };
  return {
    ...(material as PublicJwk),
    kid: jwk?.kid ?? (await calculateJwkThumbprint(material as JsonWebKey)),
    // A curve allows one algorithm under up to two names; for RSA the owner may have narrowed it.
    ...(kty === 'RSA' && jwk?.alg !== undefined ? { alg: jwk.alg } : {}),
    use: 'sig',
  };
}

function assertPublicJwk(value: unknown, option: string): PublicJwk {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`${option} must be a public key: a JWK object or a PEM text.`);
  }
  const jwk = value as Record<string, unknown>;
  if (PRIVATE_MEMBERS.some((member) => jwk[member] !== undefined)) {
    throw new TypeError(
      `${option} holds a private or symmetric key. Keep it with the client, replace it as it has been sent around, and register the public part alone.`,
    );
  }
  if (jwk['use'] !== undefined && jwk['use'] !== 'sig') {
    throw new TypeError(`${option}.use must be "sig" or absent, received ${printable(jwk['use'])}.`);
  }
  const operations = jwk['key_ops'];
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {
    throw new TypeError(`${option}.key_ops must include "verify" or be absent.`);
  }
  const kid = jwk['kid'];
  if (kid !== undefined && (typeof kid !== 'string' || !/^[\x21-\x7e]{1,256}$/.test(kid))) {
    throw new TypeError(`${option}.kid must be 1 to 256 printable characters without spaces, or absent.`);
  }
  if (jwk['alg'] !== undefined && typeof jwk['alg'] !== 'string') {
    throw new TypeError(`${option}.alg must be a text or absent.`);
  }
  return value as PublicJwk;
}

function readJwk(jwk: PublicJwk, option: string): KeyObject {
  try {
    return createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
  } catch {
    throw new TypeError(`${option} is not a usable JWK: its members do not form a public key.`);
  }
}

function readPem(pem: string, option: string): KeyObject {
  // The label is judged first because a public key would silently be derived from a private one.
  const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(pem)?.[1];
  if (label?.includes('PRIVATE')) {
    throw new TypeError(
      `${option} holds a private key. Keep it with the client, replace it as it has been sent around, and register the output of "openssl pkey -in key.pem -pubout".`,
    );
  }
  if (label !== 'PUBLIC KEY') {
    throw new TypeError(
      `${option} must be a PEM text that begins with -----BEGIN PUBLIC KEY-----, or a JWK object.`,
    );
  }
  try {
    return createPublicKey(pem);
  } catch {
    throw new TypeError(`${option} is not a usable PEM text: it holds no public key.`);
  }
}

function assertStrongRsa(key: KeyObject, option: string): void {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < 2048 || bits > 8192) {
    throw new TypeError(`${option} must be an RSA key of 2048 to 8192 bits, received ${bits}.`);
  }
  if ((key.asymmetricKeyDetails?.publicExponent ?? 0n) < 65_537n) {
    throw new TypeError(`${option} must be an RSA key with an exponent of at least 65537.`);
  }
}

function describeKind(key: KeyObject): string {
  return key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType ?? 'another kind';
}
