import { assertScopes } from '../../scope.ts';

/**
 * Validates the scopes of a provider that gives no token without one, and returns them without duplicates.
 *
 * @param mend - what to write, for the message
 * @throws TypeError naming the option and the mend
 */
export function readRequiredScopes(scopes: unknown, profile: string, mend: string): readonly string[] {
  if (scopes === undefined || (Array.isArray(scopes) && scopes.length === 0)) {
    throw new TypeError(`${profile}: scopes must name at least one scope; ${mend}`);
  }
  assertScopes(scopes, `${profile}: scopes`);
  return Object.freeze([...new Set(scopes)]);
}
