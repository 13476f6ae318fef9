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

/** What the sources of one store do together, in whatever process they are. */
export interface SharedAcquisition {
  /**
   * Takes a token that another has obtained, or obtains one and shares it; without a store, obtains one.
   *
   * @throws TokenAcquisitionError
   */
  acquire(
    request: SharedAcquisitionRequest,
  ): Promise<{ readonly acquisition: Acquisition; readonly by: 'us' | 'another' }>;
  /** The token that another has obtained, where there is one that lives. Never rejects. */
  readonly look: (prepared: PreparedAcquisition) => Promise<Acquisition | undefined>;
}

/** Creates the {@link SharedAcquisition} of one source. */
export function createSharedAcquisition(context: ClientContext, target: TokenTarget): SharedAcquisition {
  const { store } = context;
  const { issuer, clientId, dpop, now } = context.settings;
  if (store === undefined) {
    return {
      acquire: async ({ acquire }) => ({ acquisition: await acquire(), by: 'us' }),
      look: () => Promise.resolve(undefined),
    };
  }
  const tokenType = dpop === undefined ? 'Bearer' : 'DPoP';

  const keyOf = async ({ discovery, requestedScopes }: PreparedAcquisition): Promise<string> =>
    tokenKey({
      issuer,
      clientId,
      resource: discovery.protectedResource.resource,
      scopes: requestedScopes,
      dpopThumbprint: await dpop?.thumbprint(),
      subject: target.grant.subject ?? target.owner,
      actor: target.grant.actor,
      parameters: { ...target.tokenParameters, grant_type: target.grant.grantType },
    });

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

  const restoreUsable = (stored: StoredToken): Acquisition | undefined => {
    if (stored.tokenType !== tokenType) return undefined;
    const acquisition = restore(stored);
    const { usableUntil } = holdToken(acquisition.response, stored.requestedScopes, stored.requestedAt);
    return now() < usableUntil ? acquisition : undefined;
  };

  return {
    async acquire({ prepared, budget, isWanted, acquire }) {
      let own: Acquisition | undefined;
      const renewal = await renewShared({
        store,
        key: await keyOf(prepared),
        isUsable: (stored) => {
          const acquisition = restoreUsable(stored);
          return acquisition !== undefined && isWanted(acquisition);
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
    },
    async look(prepared) {
      const stored = (await store.read(await keyOf(prepared)))?.value?.record.token;
      return stored === undefined ? undefined : restoreUsable(stored);
    },
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
