import type { ScopeSelection } from './scope-selection.ts';

/** Requests exactly these scopes, whatever a server names: for identity providers that know no others. */
export function createFixedScopes(scopes: readonly string[]): ScopeSelection {
  return {
    select: () => scopes,
    withdrawGuess: () => false,
    noteChallenge: () => undefined,
    planStepUp: () => ({ kind: 'declined', cause: 'above_ceiling' }),
    noteGranted: () => undefined,
    noteRefused: () => undefined,
  };
}
