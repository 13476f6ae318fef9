const NOT_FOR_MACHINES = 'offline_access';
/** How long a refused scope is not asked for again; doubled with every refusal up to a day. */
const FIRST_REFUSAL_MILLISECONDS = 600_000;
const LONGEST_REFUSAL_MILLISECONDS = 86_400_000;
/** Of more, the oldest are forgotten. */
const MOST_REFUSALS = 500;
/** Of all scopes in one request, where the resource alone says which: it could name others for ever. */
const MOST_CHARACTERS = 8192;

/** What a demand of the resource for more scopes leads to. */
export type StepUpPlan =
  | { readonly kind: 'request'; readonly scopes: readonly string[] }
  | { readonly kind: 'declined'; readonly cause: 'above_ceiling' | 'refused_before' | 'too_many_scopes' };

/** Decides which scopes are requested. */
export interface ScopeSelection {
  /**
   * For the next token; none means that the parameter is left out.
   *
   * @param challengedScopes - what the resource asked for when it was discovered
   * @param scopesSupported - of the resource's metadata
   */
  select(
    challengedScopes: readonly string[],
    scopesSupported: readonly string[] | undefined,
  ): readonly string[];
  /**
   * The scopes last selected were refused. Where they were taken from `scopes_supported`, which may list more
   * than any one client may have, that list is not followed from now on: left to itself, the authorization
   * server grants its default.
   *
   * @returns whether another request makes sense
   */
  withdrawGuess(): boolean;
  /** The resource's 401 named what it needs. */
  noteChallenge(scopes: readonly string[], alreadyRequested: readonly string[]): void;
  planStepUp(demanded: readonly string[], alreadyRequested: readonly string[]): StepUpPlan;
  /** The scopes are kept in every later request. */
  noteGranted(scopes: readonly string[]): void;
  noteRefused(scopes: readonly string[]): void;
}

/**
 * Decides which scopes are requested, with as few as will do.
 *
 * The first of these that says anything: the challenge of the resource, the `scopes_supported` of its
 * metadata without `offline_access` (a guess, given up once the authorization server has refused it),
 * nothing. `ceiling`, what the operator configured, is never exceeded: of what the resource names only that
 * part is requested, and the whole of it where the resource names none of it. Step-ups add to that, within
 * the ceiling, and stay; without a ceiling, up to 8,192 characters in all.
 *
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization | MCP authorization, scope selection strategy}
 */
export function createScopeSelection(
  ceiling: readonly string[] | undefined,
  now: () => number,
): ScopeSelection {
  let challenged: readonly string[] = [];
  let kept: readonly string[] = [];
  const refused = new Map<string, { until: number; times: number }>();
  /** Whether the last selection would have been another without `scopes_supported`. */
  let guessed = false;
  let guessWithdrawn = false;
  const fits = (scopes: readonly string[]): boolean =>
    ceiling !== undefined || scopes.join(' ').length <= MOST_CHARACTERS;
  const extend = (scopes: readonly string[], further: readonly string[]): readonly string[] => {
    const all = union(scopes, further);
    return fits(all) ? all : scopes;
  };

  return {
    select(challengedScopes, scopesSupported = []) {
      const asked = challenged.length > 0 ? challenged : challengedScopes;
      const named = (asked.length > 0 ? asked : guessWithdrawn ? [] : scopesSupported).filter(
        (scope) => scope !== NOT_FOR_MACHINES,
      );
      guessed = ceiling === undefined && asked.length === 0 && !coversScopes(kept, named);
      if (ceiling === undefined) return extend(named, kept);
      const within = named.filter((scope) => ceiling.includes(scope));
      return union(within.length > 0 ? within : ceiling, kept);
    },
    withdrawGuess() {
      if (!guessed) return false;
      guessed = false;
      guessWithdrawn = true;
      return true;
    },
    noteChallenge(scopes, alreadyRequested) {
      const both = union(alreadyRequested, scopes);
      challenged = fits(both) ? both : scopes;
    },
    planStepUp(demanded, alreadyRequested) {
      const scopes = demanded.filter((scope) => scope !== NOT_FOR_MACHINES);
      if (ceiling !== undefined && !scopes.every((scope) => ceiling.includes(scope))) {
        return { kind: 'declined', cause: 'above_ceiling' };
      }
      if (scopes.some((scope) => now() < (refused.get(scope)?.until ?? 0))) {
        return { kind: 'declined', cause: 'refused_before' };
      }
      const all = union(union(alreadyRequested, kept), scopes);
      return fits(all) ? { kind: 'request', scopes: all } : { kind: 'declined', cause: 'too_many_scopes' };
    },
    noteGranted(scopes) {
      kept = extend(kept, scopes);
      for (const scope of scopes) refused.delete(scope);
    },
    noteRefused(scopes) {
      for (const scope of scopes) {
        const times = (refused.get(scope)?.times ?? 0) + 1;
        const delay = Math.min(FIRST_REFUSAL_MILLISECONDS * 2 ** (times - 1), LONGEST_REFUSAL_MILLISECONDS);
        refused.delete(scope);
        refused.set(scope, { until: now() + delay, times });
      }
      for (const scope of refused.keys()) {
        if (refused.size <= MOST_REFUSALS) break;
        refused.delete(scope);
      }
    },
  };
}

/** Tells whether every scope of the second list is in the first. */
export function coversScopes(granted: readonly string[], needed: readonly string[]): boolean {
  return needed.every((scope) => granted.includes(scope));
}

function union(first: readonly string[], second: readonly string[]): readonly string[] {
  return [...new Set([...first, ...second])];
}
