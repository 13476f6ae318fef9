import { generateKeyPairSync } from 'node:crypto';

import { calculateJwkThumbprint, type JWK } from 'jose';

import type { PublicJwk } from './public-jwk.ts';

/** Algorithm of every access token. */
export const SIGNING_ALGORITHM = 'ES256';

/** A key that signs access tokens. */
export interface SigningKey {
  /** RFC 7638 thumbprint. */
  readonly keyId: string;
  readonly publicJwk: PublicJwk;
  readonly privateJwk: JWK;
}

/** Generates a P-256 key for ES256, named by its thumbprint. */
export async function generateSigningKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicPart = publicKey.export({ format: 'jwk' }) as JWK;
  const keyId = await calculateJwkThumbprint(publicPart);
  const names = { kid: keyId, alg: SIGNING_ALGORITHM, use: 'sig' };
  return {
    keyId,
    publicJwk: { ...publicPart, ...names } as PublicJwk,
    privateJwk: { ...(privateKey.export({ format: 'jwk' }) as JWK), ...names },
  };
}
