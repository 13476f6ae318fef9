import { untilAborted } from '../../until-aborted.ts';
import type { Challenge } from '../../www-authenticate.ts';
import type { AccessToken } from '../access-token.ts';
import { readDemandedScopes } from './demanded-scopes.ts';
import { coversScopes, type ScopeSelection } from './scope-selection.ts';
import { createStepUpBreaker } from './step-up-breaker.ts';
import { TokenAcquisitionError } from '../token-acquisition-error.ts';
import type { StepUpDeclinedEvent, TokenEvent } from '../token-event.ts';
import { refusesScopes, type TokenKeeper } from '../renewal/token-keeper.ts';

/** Renewals of others that a demand for scopes waits for before it gives up. */
const MOST_ROUNDS = 3;

/** Answers a 403 `insufficient_scope` with a token that has the scopes demanded, or `undefined`. */
export type InsufficientScopeAnswerer = (
  rejected: AccessToken,
  challenge: Challenge,
  signal: AbortSignal | undefined,
) => Promise<AccessToken | undefined>;

/**
 * Answers a 403 `insufficient_scope` with one step-up: the scopes requested so far and those demanded.
 *
 * What is granted stays in every later request; what is refused is not asked for again for a while, and
 * step-ups are bounded in number, lest a resource that demands ever other scopes cause ever more requests. The
 * old token is kept unless the new one has what was demanded. A failure gives `undefined` and an event: the
 * resource's own answer says more to the caller.
 *
 * @throws only the signal's reason
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization | MCP authorization, step-up authorization flow}
 */
export function createInsufficientScopeAnswerer(
  resource: string,
  keeper: TokenKeeper,
  selection: ScopeSelection,
  now: () => number,
  emit: (event: TokenEvent) => void,
): InsufficientScopeAnswerer {
  const breaker = createStepUpBreaker(now);
  return async (rejected, challenge, signal) => {
    const demanded = readDemandedScopes(challenge);
    if (demanded.length === 0) return undefined;
    const decline = (cause: StepUpDeclinedEvent['cause']): undefined => {
      emit({ type: 'step_up_declined', resource, scopes: demanded, cause });
      return undefined;
    };
    const wait = <T>(work: Promise<T>): Promise<T> =>
      signal === undefined ? work : untilAborted(work, signal);
    if (coversScopes(rejected.scopes, demanded)) return decline('already_granted');
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const { held, running } = keeper;
      const usable = held !== undefined && now() < held.usableUntil ? held.token : undefined;
      if (usable !== undefined && coversScopes(usable.scopes, demanded)) return usable;
      if (running !== undefined) {
        await wait(running.catch(() => undefined));
        continue;
      }
      const plan = selection.planStepUp(demanded, held?.requestedScopes ?? rejected.scopes);
      if (plan.kind === 'declined') return decline(plan.cause);
      const accepts = (token: AccessToken): boolean =>
        usable === undefined || coversScopes(token.scopes, demanded);
      const standing = keeper.standing();
      if (standing !== undefined) {
        const stepUp = { scopes: plan.scopes, accepts };
        const adopted = await wait(keeper.adopt(standing, 'step-up', stepUp));
        if (adopted !== undefined && coversScopes(adopted.scopes, demanded)) {
          selection.noteGranted(demanded);
          return adopted;
        }
        if (await wait(keeper.cured(standing))) continue;
        return decline('failed');
      }
      if (now() < breaker.allowedAt()) return decline('suspended');
      breaker.steppedUp();
      // What comes of it is noted even if the caller leaves before.
      const stepUp = keeper.renew('step-up', { stepUp: { scopes: plan.scopes, accepts } }).then(
        (token) => {
          if (coversScopes(token.scopes, demanded)) {
            selection.noteGranted(demanded);
            return token;
          }
          selection.noteRefused(demanded.filter((scope) => !token.scopes.includes(scope)));
          return decline('not_granted');
        },
        (error: unknown) => {
          if (!(error instanceof TokenAcquisitionError)) throw error;
          if (!refusesScopes(error)) return decline('failed');
          selection.noteRefused(demanded.filter((scope) => !rejected.scopes.includes(scope)));
          return decline('not_granted');
        },
      );
      return wait(stepUp);
    }
    return decline('failed');
  };
}
