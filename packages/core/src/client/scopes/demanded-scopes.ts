import { parseScope } from '../../scope.ts';
import type { Challenge } from '../../www-authenticate.ts';

const MAX_LENGTH = 4096;
const MAX_SCOPES = 100;
const MAX_SCOPE_LENGTH = 256;

/**
 * Reads the scopes that a challenge asks for, without `offline_access`, which a machine has no use for.
 *
 * @returns the scopes; none where the challenge names none, or a list that is malformed or absurdly long: over
 *   4,096 characters in all, 100 scopes, or 256 characters in one scope
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3 | RFC 6750 §3}
 */
export function readDemandedScopes(challenge: Challenge | undefined): readonly string[] {
  const scope = challenge?.parameters.scope;
  if (scope === undefined || scope.length > MAX_LENGTH) return [];
  const scopes = parseScope(scope) ?? [];
  if (scopes.length > MAX_SCOPES || scopes.some(({ length }) => length > MAX_SCOPE_LENGTH)) return [];
  return scopes.filter((entry) => entry !== 'offline_access');
}
