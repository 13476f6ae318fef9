import {
  createPrivateKey,
  generateKeyPair,
  sign,
  type KeyObject,
  type KeyPairKeyObjectResult,
} from 'node:crypto';
import { promisify } from 'node:util';

import { calculateJwkThumbprint, type JWK } from 'jose';

import { joinSignature } from './joined-signature.ts';
import type { PublicJwk } from './public-jwk.ts';
import type { SigningAlgorithm } from './signing-algorithm.ts';

/** Signs what a JWS signs; the signature as RFC 7518 has it. */
export type SignBytes = (data: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** A key that signs access tokens, wherever its private part is. */
export interface SigningKey {
  readonly keyId: string;
  readonly algorithm: SigningAlgorithm;
  /** With `kid`, `alg` and `use`, as it is published. */
  readonly publicJwk: PublicJwk;
  readonly sign: SignBytes;
}

/** A key that was just made. */
export interface GeneratedSigningKey {
  /** RFC 7638 thumbprint. */
  readonly keyId: string;
  readonly algorithm: SigningAlgorithm;
  readonly publicJwk: PublicJwk;
  readonly privateJwk: JWK;
}

const generate = promisify(generateKeyPair) as (
  type: string,
  options: object,
) => Promise<KeyPairKeyObjectResult>;
const signAside = promisify(sign);

/** Generates a key (P-256, Ed25519 or RSA of 3072 bits), named by its thumbprint. */
export async function generateSigningKey(algorithm: SigningAlgorithm): Promise<GeneratedSigningKey> {
  const { privateKey, publicKey } = await generatePair(algorithm);
  const publicPart = publicKey.export({ format: 'jwk' }) as JWK;
  const keyId = await calculateJwkThumbprint(publicPart);
  const names = { kid: keyId, alg: algorithm, use: 'sig' };
  return {
    keyId,
    algorithm,
    publicJwk: { ...publicPart, ...names } as PublicJwk,
    privateJwk: { ...(privateKey.export({ format: 'jwk' }) as JWK), ...names },
  };
}

async function generatePair(algorithm: SigningAlgorithm): Promise<KeyPairKeyObjectResult> {
  switch (algorithm) {
    case 'ES256':
      return await generate('ec', { namedCurve: 'P-256' });
    case 'EdDSA':
      return await generate('ed25519', {});
    case 'RS256':
      return await generate('rsa', { modulusLength: 3072 });
  }
}

/** Makes the function that signs with a private key of our own. */
export function createSignBytes(privateJwk: JWK, algorithm: SigningAlgorithm): SignBytes {
  const key: KeyObject = createPrivateKey({ key: privateJwk, format: 'jwk' });
  switch (algorithm) {
    // A curve's signature takes less time than handing it to another thread and back. Asked for in the form of
    // JWS, by an object around the key, it would take twice as long.
    case 'ES256':
      return (data) => joinSignature(sign('sha256', data, key));
    case 'EdDSA':
      return (data) => sign(null, data, key);
    case 'RS256':
      return (data) => signAside('sha256', data, key);
  }
}
