import { createAccessToken } from '../access-token.ts';
import type { Acquisition, PreparedAcquisition, TokenTarget } from '../acquire-token.ts';
import type { ClientContext } from '../client-context.ts';
import { renewShared } from '../store/renew-shared.ts';
import { tokenKey } from '../store/token-key.ts';
import type { StoredToken } from '../store/token-record.ts';
import { TokenAcquisitionError } from '../token-acquisition-error.ts';
import type { TimeBudget } from '../token-endpoint/time-budget.ts';
import { holdToken } from './held-token.ts';

/** How one acquisition is shared. */
export interface SharedAcquisitionRequest {
  readonly prepared: PreparedAcquisition;
  readonly budget: TimeBudget;
  /** Whether a token that another has obtained will do. */
  readonly isWanted: (acquisition: Acquisition) => boolean;
  readonly acquire: () => Promise<Acquisition>;
}

/** Takes a token that another process has obtained, or obtains one and shares it. */
export type SharedAcquisition = (
  request: SharedAcquisitionRequest,
) => Promise<{ readonly acquisition: Acquisition; readonly by: 'us' | 'another' }>;

/**
 * Joins the sources of one store, in whatever process they are; without a store, acquires.
 *
 * @throws TokenAcquisitionError
 */
export function createSharedAcquisition(context: ClientContext, target: TokenTarget): SharedAcquisition {
  const { store } = context;
  const { issuer, clientId, dpop, now, tokenParameters } = context.settings;
  if (store === undefined) return async ({ acquire }) => ({ acquisition: await acquire(), by: 'us' });
  const tokenType = dpop === undefined ? 'Bearer' : 'DPoP';

  const restore = (stored: StoredToken): Acquisition => {
    const { accessToken, expiresAt, lifetimeSeconds, requestedAt, scopes, requestedScopes } = stored;
    const token = createAccessToken(accessToken, {
      tokenType,
      expiresAt,
      scopes,
      issuer,
      resource: target.resource,
    });
    return { response: { token, lifetimeSeconds, unrequestedScopes: [] }, requestedScopes, requestedAt };
  };

  return async ({ prepared, budget, isWanted, acquire }) => {
    const { discovery, requestedScopes } = prepared;
    const key = await tokenKey({
      issuer,
      clientId,
      resource: discovery.protectedResource.resource,
      scopes: requestedScopes,
      dpopThumbprint: await dpop?.thumbprint(),
      subject: target.grant.subject ?? target.owner,
      parameters: { ...tokenParameters, grant_type: target.grant.grantType },
    });
    let own: Acquisition | undefined;
    const renewal = await renewShared({
      store,
      key,
      isUsable: (stored) => {
        if (stored.tokenType !== tokenType) return false;
        const acquisition = restore(stored);
        const { usableUntil } = holdToken(acquisition.response, requestedScopes, stored.requestedAt);
        return now() < usableUntil && isWanted(acquisition);
      },
      acquire: async () => {
        own = await acquire();
        return toStored(own);
      },
      now,
      leaseMilliseconds: budget.remainingMilliseconds(),
      // What is left is for a request of our own.
      waitMilliseconds: Math.ceil(budget.remainingMilliseconds() / 2),
    });
    if (renewal.outcome === 'obtained') {
      return { acquisition: own ?? restore(renewal.token), by: renewal.by };
    }
    throw new TokenAcquisitionError('unavailable', {
      step: 'token_request',
      resource: target.resource,
      server: issuer,
      expected: 'a token',
      received: `a refusal that another process met, "${renewal.code}"`,
      retryAfterSeconds: Math.max(0, (renewal.failedUntil - now()) / 1000),
    });
  };
}

function toStored({ response, requestedScopes, requestedAt }: Acquisition): StoredToken {
  const { token, lifetimeSeconds } = response;
  return {
    accessToken: token.accessToken,
    tokenType: token.tokenType,
    expiresAt: token.expiresAt,
    lifetimeSeconds,
    requestedAt,
    scopes: token.scopes,
    requestedScopes,
  };
}
