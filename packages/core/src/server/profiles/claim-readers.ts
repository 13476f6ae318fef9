import { isScopeToken, parseScope } from '../../scope.ts';
import { claimInvalid, claimMissing } from '../claim-failure.ts';
import type { TokenMembers } from './token-profile.ts';

/** Reads a claim that holds scopes separated by spaces; none when the claim is absent. */
export function readScopeText(claims: TokenMembers, claim: string): readonly string[] {
  const value = claims[claim];
  if (value === undefined) return [];
  const scopes = parseScope(value);
  if (scopes === undefined) throw claimInvalid(claim, 'scopes separated by spaces', value);
  return scopes;
}

/** Reads a claim that holds an array of scopes, roles or permissions; none when the claim is absent. */
export function readScopeArray(claims: TokenMembers, claim: string): readonly string[] {
  const value = claims[claim];
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every(isScopeToken))
    throw claimInvalid(claim, 'an array of scopes', value);
  return value;
}

/** Reads the first of these claims that is there, which must be a text that is not empty. */
export function readText(claims: TokenMembers, ...names: readonly [string, ...string[]]): string {
  const name = names.find((candidate) => claims[candidate] !== undefined);
  if (name === undefined) throw claimMissing(names.join('" or "'));
  const value = claims[name];
  if (typeof value !== 'string' || value === '') throw claimInvalid(name, 'a text that is not empty', value);
  return value;
}
