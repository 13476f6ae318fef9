import type { AccessToken } from '../access-token.ts';
import {
  prepareAcquisition,
  requestToken,
  type Acquisition,
  type PreparedAcquisition,
  type TokenTarget,
} from '../acquire-token.ts';
import type { ClientContext } from '../client-context.ts';
import type { Discovery } from '../discovery/discovery.ts';
import { createDiscoveryCache } from '../discovery/discovery-cache.ts';
import type { ScopeSelection } from '../scopes/scope-selection.ts';
import { postponeUntil, TokenAcquisitionError } from '../token-acquisition-error.ts';
import { startTimeBudget, type TimeBudget } from '../token-endpoint/time-budget.ts';
import type { TokenRequestReason } from '../token-event.ts';
import { createAcquisitionBackOff } from './acquisition-back-off.ts';
import { holdToken, type HeldToken } from './held-token.ts';
import { createPassage, type Passage } from './passage.ts';
import { createSharedAcquisition } from './shared-acquisition.ts';
import { createSingleFlight } from './single-flight.ts';
import { createStoreLook } from './store-look.ts';

/** For finding out, while a failure stands, what to look for in the store. */
const LOOK_MILLISECONDS = 2000;

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
  /**
   * Takes a token that another has stored while a failure stands here; `undefined` where there is none. Looked for
   * once a second at most.
   */
  adopt(
    standing: TokenAcquisitionError,
    reason: TokenRequestReason,
    stepUp?: RenewalRequest['stepUp'],
  ): Promise<AccessToken | undefined>;
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
  const shared = createSharedAcquisition(context, target);
  const look = createStoreLook({
    look: shared.look,
    now,
    lastDiscovery: () => lastDiscovery,
    discover: discoverForLook,
  });
  const flight = createSingleFlight<AccessToken>();
  let held: HeldToken | undefined;
  let lastDiscovery: Discovery | undefined;
  let steppingUp = false;

  const selectScopes = (
    { challengedScopes, protectedResource }: Pick<Discovery, 'challengedScopes' | 'protectedResource'>,
    stepUp: RenewalRequest['stepUp'],
  ): readonly string[] =>
    stepUp?.scopes ?? selection.select(challengedScopes, protectedResource.scopesSupported);

  async function prepare(
    { stepUp, resourceMetadataUrl }: RenewalRequest,
    budget: TimeBudget,
  ): Promise<PreparedAcquisition> {
    const prepared = await prepareAcquisition(context, target, {
      discoveryCache,
      selectScopes: (discovery) => selectScopes(discovery, stepUp),
      resourceMetadataUrl,
      budget,
    });
    lastDiscovery = prepared.discovery;
    return prepared;
  }

  /** Whether a token that another has obtained will do in place of the present one. */
  function isWantedFor(reason: TokenRequestReason, stepUp: RenewalRequest['stepUp']) {
    const replaced = held;
    return ({ response: { token }, requestedAt }: Acquisition): boolean =>
      token.accessToken !== replaced?.token.accessToken &&
      (reason !== 'refresh' || replaced === undefined || requestedAt > replaced.requestedAt) &&
      (stepUp === undefined || stepUp.accepts(token));
  }

  async function acquire(
    reason: TokenRequestReason,
    request: RenewalRequest,
    pass: Passage,
  ): Promise<{ readonly acquisition: Acquisition; readonly by: 'us' | 'another' }> {
    // One budget for both: to its caller, a second request is part of the same acquisition.
    const budget = startTimeBudget(settings.timeoutMilliseconds);
    const isWanted = isWantedFor(reason, request.stepUp);
    const once = async () => {
      const prepared = await prepare(request, budget);
      // Only now: an MCP server may take its time with what precedes.
      const refusal = pass.enterGate();
      if (refusal !== undefined) {
        const found = await look.find(prepared);
        if (found !== undefined && isWanted(found)) return { acquisition: found, by: 'another' as const };
        throw refusal;
      }
      const beforeSending = () => pass.takeTurn(budget);
      return shared.acquire({
        prepared,
        budget,
        isWanted,
        acquire: () => requestToken(context, target, prepared, { budget, beforeSending }),
      });
    };
    try {
      return await once();
    } catch (error) {
      const refused = error instanceof TokenAcquisitionError && error.code === 'invalid_scope';
      // A grant that rests on an assertion is not tried twice (SEP-1933).
      const again =
        refused && request.stepUp === undefined && target.grant.grantType === 'client_credentials';
      if (!again || !selection.withdrawGuess()) throw error;
      return once();
    }
  }

  async function attempt(reason: TokenRequestReason, request: RenewalRequest): Promise<AccessToken> {
    const { stepUp } = request;
    const startedAt = now();
    const blocking = held === undefined || startedAt >= held.usableUntil;
    const pass = createPassage(gate, { grantType: target.grant.grantType, resource, issuer });
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
      const { acquisition, by } = await acquire(reason, request, pass);
      const { response, requestedScopes } = acquisition;
      const { token, unrequestedScopes } = response;
      const { scopes, expiresAt } = token;
      if (by === 'another') {
        if (pass.entered) {
          backOff.succeeded();
          gate.left();
        }
        return takeShared(acquisition, reason);
      }
      backOff.succeeded();
      gate.succeeded(target.grant.grantType);
      if (stepUp === undefined || stepUp.accepts(token)) hold(acquisition);
      emit({ ...about(), outcome: 'success', scopes, expiresAt });
      if (unrequestedScopes.length > 0) {
        emit({ type: 'scope_widened', resource, requested: requestedScopes, granted: scopes });
      }
      return token;
    } catch (cause) {
      if (pass.entered) gate.left();
      if (cause instanceof TokenAcquisitionError && cause === pass.refusal) throw forThisResource(cause);
      const error = remember(cause, stepUp !== undefined, pass.shortOfTime);
      emit({ ...about(), outcome: 'failure', error });
      throw error;
    } finally {
      // Those who wait for it find what has been remembered.
      pass.end();
    }
  }

  function hold({ response, requestedScopes, requestedAt }: Acquisition): void {
    held = holdToken(response, requestedScopes, requestedAt);
  }

  function takeShared(acquisition: Acquisition, reason: TokenRequestReason): AccessToken {
    const { token } = acquisition.response;
    hold(acquisition);
    emit({ type: 'token_shared', reason, resource, scopes: token.scopes, expiresAt: token.expiresAt });
    return token;
  }

  async function discoverForLook(): Promise<void> {
    if (gate.standing(target.grant.grantType) === undefined) return;
    try {
      await prepare({}, startTimeBudget(Math.min(settings.timeoutMilliseconds, LOOK_MILLISECONDS)));
    } catch (error) {
      if (!(error instanceof TokenAcquisitionError)) throw error;
    }
  }

  async function adopt(
    failure: TokenAcquisitionError,
    reason: TokenRequestReason,
    stepUp?: RenewalRequest['stepUp'],
  ): Promise<AccessToken | undefined> {
    if (context.store === undefined) return undefined;
    const replaced = held;
    const isWanted = isWantedFor(reason, stepUp);
    const found = await look.findWhile(failure, (discovery) => selectScopes(discovery, stepUp));
    const present = held;
    if (present !== undefined && present !== replaced && now() < present.usableUntil) {
      return stepUp === undefined || stepUp.accepts(present.token) ? present.token : undefined;
    }
    return found !== undefined && isWanted(found) ? takeShared(found, reason) : undefined;
  }

  /** Decides what a failure forbids, and for whom. */
  function remember(cause: unknown, isStepUp: boolean, shortOfTime: boolean): TokenAcquisitionError {
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
    adopt,
    async cured({ credentialRefused }) {
      if (!credentialRefused || !(await credentials.rotated())) return false;
      gate.open();
      return true;
    },
    renew,
  };
}
