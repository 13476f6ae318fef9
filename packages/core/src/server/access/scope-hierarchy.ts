import { assertScopes, isScopeToken } from '../../scope.ts';

/** Tells of a list of scopes which scopes it amounts to. */
export type ScopeExpansion = (scopes: readonly string[]) => (scope: string) => boolean;

/**
 * Compiles a scope hierarchy: who holds a scope holds all it includes, and what those include.
 *
 * @throws TypeError naming the option and the mend
 */
export function compileScopeHierarchy(
  hierarchy: Readonly<Record<string, readonly string[]>>,
  option: string,
): ScopeExpansion {
  if (typeof hierarchy !== 'object' || hierarchy === null || Array.isArray(hierarchy)) {
    throw new TypeError(`${option} must be an object from a scope to the scopes it includes.`);
  }
  const included = new Map<string, readonly string[]>();
  for (const [scope, includes] of Object.entries(hierarchy)) {
    if (!isScopeToken(scope)) throw new TypeError(`${option}: ${JSON.stringify(scope)} is not one scope.`);
    assertScopes(includes, `${option}.${scope}`);
    included.set(scope, includes);
  }
  if (included.size === 0) return (scopes) => (scope) => scopes.includes(scope);
  return (scopes) => {
    const all = new Set(scopes);
    // A Set visits what is added while it is walked, and nothing twice: cycles end.
    for (const scope of all) included.get(scope)?.forEach((inner) => all.add(inner));
    return (scope) => all.has(scope);
  };
}
