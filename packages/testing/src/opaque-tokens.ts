import { randomBytes } from 'node:crypto';
import type { TokenClaims } from './access-token.ts';

/** Opaque tokens and what introspection says about each. */
export interface OpaqueTokens {
  register(claims: TokenClaims): string;
  /** Any token may be withdrawn, a JWT too. */
  revoke(token: string): void;
  isRevoked(token: string): boolean;
  find(token: string): TokenClaims | undefined;
}

/** Creates an empty register of opaque tokens. */
export function createOpaqueTokens(): OpaqueTokens {
  const registered = new Map<string, TokenClaims>();
  const revoked = new Set<string>();
  return {
    register(claims) {
      const token = randomBytes(32).toString('base64url');
      registered.set(token, claims);
      return token;
    },
    revoke: (token) => void revoked.add(token),
    isRevoked: (token) => revoked.has(token),
    find: (token) => registered.get(token),
  };
}
