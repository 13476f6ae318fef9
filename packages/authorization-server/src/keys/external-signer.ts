import { createPublicKey, verify, type JsonWebKey, type KeyObject } from 'node:crypto';

import { assertKnownOptions } from '@mcp-m2m/core';

import type { PublicJwk } from './public-jwk.ts';
import { parseSigningAlgorithm, type SigningAlgorithm } from './signing-algorithm.ts';
import type { SignBytes, SigningKey } from './signing-key.ts';

/** A signing key whose private part stays elsewhere, in a key management service for instance. */
export interface ExternalSigner {
  /** Name of the key in the published key set, 1 to 256 printable characters. */
  readonly keyId: string;
  readonly algorithm: SigningAlgorithm;
  readonly publicJwk: PublicJwk;
  /**
   * Signs the bytes (not their digest). ES256 signatures are r and s joined, 64 bytes (IEEE P1363). Waited for
   * five seconds at most.
   */
  readonly sign: SignBytes;
}

const SIGN_WITHIN_MILLISECONDS = 5000;

/**
 * Validates the option `signer`: one signer, or a list of which the first is to sign and the others are those
 * that signed before.
 *
 * @throws TypeError naming the option and the mend
 */
export function parseSigners(value: unknown): readonly SigningKey[] {
  if (value === undefined) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw new TypeError('signer must hold at least one signer, or be left out.');
  const signers = list.map((entry, index) =>
    parseSigner(entry, Array.isArray(value) ? `signer[${index}]` : 'signer'),
  );
  if (new Set(signers.map(({ keyId }) => keyId)).size !== signers.length) {
    throw new TypeError('signer names a keyId twice; every key has its own.');
  }
  return signers;
}

function parseSigner(value: unknown, option: string): SigningKey {
  assertKnownOptions(value, ['keyId', 'algorithm', 'publicJwk', 'sign'], option);
  const { keyId, algorithm, publicJwk, sign } = value as Partial<ExternalSigner>;
  if (typeof keyId !== 'string' || !/^[\x21-\x7e]{1,256}$/.test(keyId)) {
    throw new TypeError(`${option}.keyId must be 1 to 256 printable characters without spaces.`);
  }
  if (typeof sign !== 'function') {
    throw new TypeError(`${option}.sign must be a function that signs bytes with the key.`);
  }
  const parsed = parseSigningAlgorithm(algorithm, `${option}.algorithm`);
  return {
    keyId,
    algorithm: parsed,
    publicJwk: {
      ...parsePublicJwk(publicJwk, parsed, `${option}.publicJwk`),
      kid: keyId,
      alg: parsed,
      use: 'sig',
    },
    sign: async (data) => await signInTime(sign, data),
  };
}

const KINDS = {
  ES256: { kind: 'P-256', matches: (jwk: PublicJwk) => jwk.crv === 'P-256' },
  EdDSA: { kind: 'Ed25519', matches: (jwk: PublicJwk) => jwk.crv === 'Ed25519' },
  RS256: { kind: 'RSA, of 2048 bits at least', matches: (jwk: PublicJwk) => (jwk.n?.length ?? 0) >= 342 },
} as const;

/** Keeps the members of the public key alone. */
function parsePublicJwk(value: unknown, algorithm: SigningAlgorithm, option: string): PublicJwk {
  const { kind, matches } = KINDS[algorithm];
  const wrong = `${option} must be the public key for ${algorithm} as a JWK: ${kind}`;
  if (typeof value !== 'object' || value === null) throw new TypeError(`${wrong}.`);
  if (['d', 'p', 'q', 'k'].some((member) => member in value)) {
    throw new TypeError(`${wrong}, without its private part, which only the signer is to hold.`);
  }
  try {
    const jwk = createPublicKey({ key: value as JsonWebKey, format: 'jwk' }).export({
      format: 'jwk',
    }) as PublicJwk;
    if (matches(jwk)) return jwk;
  } catch {
    // Its members form no key.
  }
  throw new TypeError(`${wrong}.`);
}

/**
 * Lets an external signer sign once, and verifies that.
 *
 * @throws TypeError when its signature does not verify with its public key
 * @throws Error whatever the signer itself throws
 */
export async function proveSigner({ keyId, algorithm, publicJwk, sign }: SigningKey): Promise<void> {
  const data = new TextEncoder().encode('mcp-m2m: is this signer the one of its public key?');
  const signature = await sign(data);
  const key = createPublicKey({ key: publicJwk as JsonWebKey, format: 'jwk' });
  if (signature instanceof Uint8Array && isSignature(algorithm, key, data, signature)) return;
  throw new TypeError(
    `signer: what "${keyId}" signs does not verify with its publicJwk. It has to sign the bytes themselves with ${algorithm}${algorithm === 'ES256' ? '; r and s joined, 64 bytes, not DER' : ''}.`,
  );
}

function isSignature(
  algorithm: SigningAlgorithm,
  key: KeyObject,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  return algorithm === 'EdDSA'
    ? verify(null, data, key, signature)
    : verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

async function signInTime(sign: SignBytes, data: Uint8Array): Promise<Uint8Array> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error('the external signer did not answer in time')),
      SIGN_WITHIN_MILLISECONDS,
    );
  });
  try {
    return await Promise.race([sign(data), late]);
  } finally {
    clearTimeout(timer);
  }
}
