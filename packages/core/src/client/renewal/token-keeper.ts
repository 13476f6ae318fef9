import type { AccessToken } from '../access-token.ts';
import { prepareAcquisition, requestToken, type Acquisition, type TokenTarget } from '../acquire-token.ts';
import type { ClientContext } from '../client-context.ts';
import { createDiscoveryCache } from '../discovery/discovery-cache.ts';
import type { ScopeSelection } from '../scopes/scope-selection.ts';
import { postponeUntil, TokenAcquisitionError } from '../token-acquisition-error.ts';
import { startTimeBudget } from '../token-endpoint/time-budget.ts';
import type { TokenRequestReason } from '../token-event.ts';
import { createAcquisitionBackOff } from './acquisition-back-off.ts';
import { holdToken, type HeldToken } from './held-token.ts';
import { createSharedAcquisition } from './shared-acquisition.ts';
import { createSingleFlight } from './single-flight.ts';

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
  /** Whether what stands has been cured meanwhile: the credential that was refused has been rotated. */
  cured(standing: TokenAcquisitionError): Promise<boolean>;
  /** Joins the renewal under way or starts one. */
  renew(reason: TokenRequestReason, request?: RenewalRequest): Promise<AccessToken>;
}

/** What a step-up is refused with when the client may not have the scopes: no reason to stop renewing. */
export function refusesScopes(error: TokenAcquisitionError): boolean {
  return error.code === 'invalid_scope' || error.code === 'token_request_refused';
}

/** Keeps the token of one source. Renews only when told to. */
export function createTokenKeeper(
  context: ClientContext,
  target: TokenTarget,
  selection: ScopeSelection,
): TokenKeeper {
  const { settings, gate, credentials, emit } = context;
  const { issuer, clientId, now } = settings;
  const { resource } = target;
  const discoveryCache = createDiscoveryCache(context.authorizationServers, now);
  const backOff = createAcquisitionBackOff(now);
  const share = createSharedAcquisition(context, target);
  const flight = createSingleFlight<AccessToken>();
  let held: HeldToken | undefined;
  let steppingUp = false;
  /** Whether the last token request had less than half of the time: what precedes it may have taken the rest. */
  let shortOfTime = false;

  async function acquire(
    reason: TokenRequestReason,
    { stepUp, resourceMetadataUrl }: RenewalRequest,
    passGate: () => void,
  ): Promise<{ readonly acquisition: Acquisition; readonly by: 'us' | 'another' }> {
    // One budget for both: to its caller, a second request is part of the same acquisition.
    const budget = startTimeBudget(settings.timeoutMilliseconds);
    const replaced = held;
    const once = async () => {
      const prepared = await prepareAcquisition(context, target, {
        discoveryCache,
        selectScopes: ({ challengedScopes, protectedResource }) =>
          stepUp?.scopes ?? selection.select(challengedScopes, protectedResource.scopesSupported),
        resourceMetadataUrl,
        budget,
      });
      // Only now: an MCP server may take its time with what precedes.
      passGate();
      return share({
        prepared,
        budget,
        isWanted: ({ response: { token }, requestedAt }) =>
          token.accessToken !== replaced?.token.accessToken &&
          (reason !== 'refresh' || replaced === undefined || requestedAt > replaced.requestedAt) &&
          (stepUp === undefined || stepUp.accepts(token)),
        acquire: () => {
          shortOfTime = budget.remainingMilliseconds() * 2 < budget.totalMilliseconds;
          return requestToken(context, target, prepared, budget);
        },
      });
    };
    try {
      return await once();
    } catch (error) {
      const refused = error instanceof TokenAcquisitionError && error.code === 'invalid_scope';
      // A grant that rests on an assertion is not tried twice (SEP-1933).
      const again = refused && stepUp === undefined && target.grant.grantType === 'client_credentials';
      if (!again || !selection.withdrawGuess()) throw error;
      return once();
    }
  }

  async function attempt(reason: TokenRequestReason, request: RenewalRequest): Promise<AccessToken> {
    const { stepUp } = request;
    const startedAt = now();
    const blocking = held === undefined || startedAt >= held.usableUntil;
    let refused: TokenAcquisitionError | undefined;
    let passed = false;
    const passGate = (): void => {
      if (passed) return;
      refused = gate.enter(target.grant.grantType);
      if (refused !== undefined) throw refused;
      passed = true;
    };
    const about = () => ({
      type: 'token_request' as const,
      reason,
      blocking,
      durationMilliseconds: now() - startedAt,
      resource,
      issuer,
      clientId,
    });
    try {
      const { acquisition, by } = await acquire(reason, request, passGate);
      const { response, requestedScopes, requestedAt } = acquisition;
      const { token, unrequestedScopes } = response;
      const { scopes, expiresAt } = token;
      backOff.succeeded();
      if (by === 'us') gate.succeeded(target.grant.grantType);
      else gate.left();
      if (stepUp === undefined || stepUp.accepts(token))
        held = holdToken(response, requestedScopes, requestedAt);
      if (by === 'us') emit({ ...about(), outcome: 'success', scopes, expiresAt });
      else emit({ type: 'token_shared', reason, resource, scopes, expiresAt });
      if (unrequestedScopes.length > 0) {
        emit({ type: 'scope_widened', resource, requested: requestedScopes, granted: scopes });
      }
      return token;
    } catch (cause) {
      if (refused !== undefined && cause === refused) throw forThisResource(refused);
      if (passed) gate.left();
      const error = remember(cause, stepUp !== undefined);
      emit({ ...about(), outcome: 'failure', error });
      throw error;
    }
  }

  /** Decides what a failure forbids, and for whom. */
  function remember(cause: unknown, isStepUp: boolean): TokenAcquisitionError {
    if (!(cause instanceof TokenAcquisitionError)) throw cause;
    // A server that is slow with its metadata must not stop the others.
    if (!gate.concerns(cause) || (cause.code === 'timeout' && shortOfTime)) {
      return isStepUp && refusesScopes(cause) ? cause : backOff.failed(cause);
    }
    return gate.failed(cause, target.grant.grantType);
  }

  const forThisResource = (error: TokenAcquisitionError): TokenAcquisitionError =>
    error.retryAt === undefined || error.resource === resource
      ? error
      : postponeUntil(error, error.retryAt, resource);

  function standing(): TokenAcquisitionError | undefined {
    const error = gate.standing(target.grant.grantType) ?? backOff.standing();
    return error === undefined ? undefined : forThisResource(error);
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
          if (standing() !== undefined) throw error;
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
    standing,
    async cured({ code }) {
      if (code !== 'invalid_client' || !(await credentials.rotated())) return false;
      gate.open();
      return true;
    },
    renew,
  };
}
