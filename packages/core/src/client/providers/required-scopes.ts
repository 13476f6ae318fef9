import { assertScopes } from '../../scope.ts';
import type { ScopesFor } from './provider-profile.ts';

/**
 * Validates the scopes of a provider that gives no token without one, and returns them without duplicates; those
 * that a function tells, when it does.
 *
 * @param mend - what to write, for the message
 * @param assertEach - what else must be true of them
 * @throws TypeError naming the option and the mend
 */
export function readRequiredScopes(
  scopes: readonly string[] | ScopesFor,
  profile: string,
  mend: string,
  assertEach: (scopes: readonly string[]) => void = () => undefined,
): readonly string[] | ScopesFor {
  const read = (value: unknown): readonly string[] => {
    const required = readList(value, profile, mend);
    assertEach(required);
    return required;
  };
  return typeof scopes === 'function' ? (resource) => read(scopes(resource)) : read(scopes);
}

function readList(scopes: unknown, profile: string, mend: string): readonly string[] {
  if (scopes === undefined || (Array.isArray(scopes) && scopes.length === 0)) {
    throw new TypeError(`${profile}: scopes must name at least one scope; ${mend}`);
  }
  assertScopes(scopes, `${profile}: scopes`);
  return Object.freeze([...new Set(scopes)]);
}
