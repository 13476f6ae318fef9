import type { StoredToken } from '../../../src/client/store/token-record.ts';

export const START = Date.UTC(2026, 10, 20);

/** A token as it was obtained at `START`, good for five minutes. */
export function createStoredToken(changes: Partial<StoredToken> = {}): StoredToken {
  return {
    accessToken: 'a-token',
    tokenType: 'Bearer',
    expiresAt: START / 1000 + 300,
    lifetimeSeconds: 300,
    requestedAt: START,
    scopes: ['deploy:read'],
    requestedScopes: ['deploy:read', 'deploy:write'],
    ...changes,
  };
}
