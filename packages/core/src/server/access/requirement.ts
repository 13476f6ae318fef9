import { assertKnownOptions } from '../../known-options.ts';
import { assertScopes } from '../../scope.ts';
import type { CallerKind } from '../caller.ts';
import type { Access, AccessRequirement } from './access-options.ts';

/** A requirement, validated and with its defaults. */
export interface Requirement {
  readonly scopes: readonly string[];
  readonly anyOf: readonly string[];
  /** The kinds that may call, or `user` for a person and whoever acts for one. */
  readonly caller: 'user' | readonly CallerKind[] | undefined;
  readonly clients: readonly string[] | undefined;
  readonly rule: AccessRequirement['rule'];
}

const KINDS: readonly unknown[] = ['machine', 'user', 'delegated'] satisfies CallerKind[];

/**
 * Validates what an operation asks for.
 *
 * @throws TypeError naming the option and the mend
 */
export function compileRequirement(access: Access, option: string): Requirement {
  if (Array.isArray(access)) {
    assertScopes(access, option);
    return { scopes: access, anyOf: [], caller: undefined, clients: undefined, rule: undefined };
  }
  assertKnownOptions(access, ['scopes', 'anyOf', 'caller', 'clients', 'rule'], option);
  const { scopes = [], anyOf = [], caller, clients, rule } = access as AccessRequirement;
  assertScopes(scopes, `${option}.scopes`);
  assertScopes(anyOf, `${option}.anyOf`);
  assertCaller(caller, `${option}.caller`);
  if (clients !== undefined && !(Array.isArray(clients) && clients.every((one) => typeof one === 'string'))) {
    throw new TypeError(`${option}.clients must be an array of client ids.`);
  }
  if (rule !== undefined && typeof rule !== 'function')
    throw new TypeError(`${option}.rule must be a function.`);
  return { scopes, anyOf, caller: caller === 'machine' ? ['machine'] : caller, clients, rule };
}

function assertCaller(value: unknown, option: string): void {
  if (value === undefined || value === 'user' || value === 'machine') return;
  if (Array.isArray(value) && value.length > 0 && value.every((kind) => KINDS.includes(kind))) return;
  throw new TypeError(
    `${option} must be "user", "machine", or an array of "machine", "user" and "delegated".`,
  );
}
