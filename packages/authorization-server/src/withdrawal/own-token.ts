import { createLocalJWKSet, jwtVerify, type JWK, type JWTPayload, type JWTVerifyGetKey } from 'jose';

import type { KeyRing } from '../keys/key-ring.ts';
import type { PublicJwk } from '../keys/public-jwk.ts';
import { SIGNING_ALGORITHMS } from '../keys/signing-algorithm.ts';
import { placeOf, type TokenStatus } from './token-status.ts';

/** A token that this server issued and that has not expired. */
export interface OwnToken {
  readonly tokenId: string;
  readonly clientId: string;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
  readonly place: TokenStatus;
  readonly claims: JWTPayload;
}

/** Reads an access token of this server; undefined for every other text, and for an expired one. */
export type ReadOwnToken = (token: string) => Promise<OwnToken | undefined>;

/** Dependencies of {@link createOwnTokenReader}. */
export interface OwnTokenDependencies {
  readonly issuer: string;
  readonly ring: Pick<KeyRing, 'published' | 'refresh'>;
  /** The clock, in milliseconds. */
  readonly now: () => number;
}

/** Longest token that is looked at. */
const MAX_LENGTH = 16_384;

/**
 * Makes the function that verifies the server's own access tokens by its published keys.
 *
 * Does not tell whether the token was revoked, and does not judge its audience.
 */
export function createOwnTokenReader({ issuer, ring, now }: OwnTokenDependencies): ReadOwnToken {
  let published: readonly PublicJwk[] | undefined;
  let findKey: JWTVerifyGetKey | undefined;
  return async (token) => {
    if (token.length > MAX_LENGTH) return undefined;
    await ring.refresh();
    if (findKey === undefined || published !== ring.published()) {
      published = ring.published();
      findKey = createLocalJWKSet({ keys: published as JWK[] });
    }
    let claims: JWTPayload;
    try {
      ({ payload: claims } = await jwtVerify(token, findKey, {
        issuer,
        typ: 'at+jwt',
        algorithms: [...SIGNING_ALGORITHMS],
        requiredClaims: ['aud', 'client_id', 'exp', 'jti', 'sub'],
        currentDate: new Date(now()),
      }));
    } catch {
      return undefined;
    }
    const { jti, client_id: clientId, exp } = claims;
    const place = typeof jti === 'string' ? placeOf(jti) : undefined;
    if (place === undefined || typeof clientId !== 'string' || exp === undefined) return undefined;
    return { tokenId: jti as string, clientId, expiresAt: exp, place, claims };
  };
}
