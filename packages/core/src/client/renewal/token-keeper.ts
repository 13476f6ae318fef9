import type { AccessToken } from '../access-token.ts';
import { acquireToken, type Acquisition } from '../acquire-token.ts';
import { createAcquisitionBackOff } from './acquisition-back-off.ts';
import { createDiscoveryCache } from '../discovery/discovery-cache.ts';
import { holdToken, type HeldToken } from './held-token.ts';
import type { ScopeSelection } from '../scopes/scope-selection.ts';
import { createSingleFlight } from './single-flight.ts';
import { startTimeBudget } from '../token-endpoint/time-budget.ts';
import { TokenAcquisitionError } from '../token-acquisition-error.ts';
import type { TokenEvent, TokenRequestReason } from '../token-event.ts';
import type { TokenSourceSettings } from '../token-source-options.ts';

/** How one renewal differs from the ordinary. */
export interface RenewalRequest {
  /** The `resource_metadata` of a challenge. */
  readonly resourceMetadataUrl?: string | undefined;
  /** A step-up: exactly these scopes, and the new token replaces the old one only if it is accepted here. */
  readonly stepUp?:
    { readonly scopes: readonly string[]; readonly accepts: (token: AccessToken) => boolean } | undefined;
}

/** The token in use and the means to renew it, one request at a time. */
export interface TokenKeeper {
  readonly held: HeldToken | undefined;
  /** The renewal under way, if any. */
  readonly running: Promise<AccessToken> | undefined;
  /** The failure that forbids another renewal for now. */
  standing(): TokenAcquisitionError | undefined;
  /** Joins the renewal under way or starts one. */
  renew(reason: TokenRequestReason, request?: RenewalRequest): Promise<AccessToken>;
}

/** What a step-up is refused with when the client may not have the scopes: no reason to stop renewing. */
export function refusesScopes(error: TokenAcquisitionError): boolean {
  return error.code === 'invalid_scope' || error.code === 'token_request_refused';
}

/** Keeps the token of one source. Renews only when told to. */
export function createTokenKeeper(
  settings: TokenSourceSettings,
  selection: ScopeSelection,
  emit: (event: TokenEvent) => void,
): TokenKeeper {
  const { resource, issuer, clientId, now } = settings;
  const discoveryCache = createDiscoveryCache(now);
  const backOff = createAcquisitionBackOff(now);
  const flight = createSingleFlight<AccessToken>();
  let held: HeldToken | undefined;
  let steppingUp = false;

  async function acquire({ stepUp, resourceMetadataUrl }: RenewalRequest): Promise<Acquisition> {
    // One budget for both: to its caller, a second request is part of the same acquisition.
    const budget = startTimeBudget(settings.timeoutMilliseconds);
    const once = () =>
      acquireToken(settings, {
        discoveryCache,
        selectScopes: ({ challengedScopes, protectedResource }) =>
          stepUp?.scopes ?? selection.select(challengedScopes, protectedResource.scopesSupported),
        resourceMetadataUrl,
        budget,
      });
    try {
      return await once();
    } catch (error) {
      const refused = error instanceof TokenAcquisitionError && error.code === 'invalid_scope';
      if (!refused || stepUp !== undefined || !selection.withdrawGuess()) throw error;
      return once();
    }
  }

  async function attempt(reason: TokenRequestReason, request: RenewalRequest): Promise<AccessToken> {
    const { stepUp } = request;
    const startedAt = now();
    const about = () => ({
      type: 'token_request' as const,
      reason,
      durationMilliseconds: now() - startedAt,
      resource,
      issuer,
      clientId,
    });
    let acquisition: Acquisition;
    try {
      acquisition = await acquire(request);
    } catch (cause) {
      if (!(cause instanceof TokenAcquisitionError)) throw cause;
      const error = stepUp !== undefined && refusesScopes(cause) ? cause : backOff.failed(cause);
      emit({ ...about(), outcome: 'failure', error });
      throw error;
    }
    const { response, requestedScopes, requestedAt } = acquisition;
    const { token, unrequestedScopes } = response;
    backOff.succeeded();
    if (stepUp === undefined || stepUp.accepts(token))
      held = holdToken(response, requestedScopes, requestedAt);
    emit({ ...about(), outcome: 'success', scopes: token.scopes, expiresAt: token.expiresAt });
    if (unrequestedScopes.length > 0) {
      emit({ type: 'scope_widened', resource, requested: requestedScopes, granted: token.scopes });
    }
    return token;
  }

  function renew(reason: TokenRequestReason, request: RenewalRequest = {}): Promise<AccessToken> {
    const { running } = flight;
    if (running === undefined) {
      steppingUp = request.stepUp !== undefined;
      return flight.run(() => attempt(reason, request));
    }
    // A step-up may be refused where a renewal with the ordinary scopes is not.
    return steppingUp
      ? running.catch((error: unknown) => {
          if (backOff.standing() !== undefined) throw error;
          return renew(reason, request);
        })
      : running;
  }

  return {
    get held() {
      return held;
    },
    get running() {
      return flight.running;
    },
    standing: () => backOff.standing(),
    renew,
  };
}
