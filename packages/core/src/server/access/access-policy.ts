import type { Caller } from '../caller.ts';
import type { Access, AccessOptions } from './access-options.ts';
import { compileAccessTable, type AccessTable } from './access-table.ts';
import type { Operation, OperationKind } from './operations.ts';
import { compileRequirement, type Requirement } from './requirement.ts';

/** What a request needs that its caller does not have. */
export type AccessShortfall =
  | {
      readonly reason: 'user_required' | 'machine_required' | 'operation_not_allowed';
      readonly operation: Operation;
    }
  | {
      readonly reason: 'scope_insufficient';
      /** Every scope the request needs, those the caller has included. */
      readonly scopes: readonly string[];
      readonly missing: readonly string[];
    };

/** The compiled policy. */
export interface AccessPolicy {
  /** The scopes of every request, for the challenge of a request without credentials. */
  readonly baseScopes: readonly string[];
  /** What has rules by name, so that an operation on it must have one. */
  readonly namedKinds: ReadonlySet<OperationKind>;
  /** Every scope that the policy names, sorted. */
  readonly scopesSupported: readonly string[];
  /** What the caller lacks for these operations, or `undefined` when nothing. */
  readonly judge: (caller: Caller, operations: readonly Operation[]) => AccessShortfall | undefined;
  /** The same policy, where every request needs this as well. */
  readonly requiring: (access: Access, where: string) => AccessPolicy;
}

// A rule may answer with a requirement that has a rule of its own; further ones are refused.
const MAX_RULE_DEPTH = 3;

/** What a request without a body does: it opens the standalone stream or ends a session. */
const NO_OPERATION: Operation = {
  id: undefined,
  method: undefined,
  kind: undefined,
  name: undefined,
  arguments: undefined,
};

/**
 * Compiles an access policy.
 *
 * The kind of caller is judged before anything else, since nothing helps a machine at an operation for a
 * person; scopes come last. The scopes of a batch are the union of its members' scopes.
 *
 * @throws TypeError naming the option and the mend
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization | MCP authorization, scope challenge handling}
 */
export function createAccessPolicy(options: AccessOptions = {}): AccessPolicy {
  return createPolicy(compileAccessTable(options), []);
}

/** @param everywhere - what every request needs beside the base scopes */
function createPolicy(table: AccessTable, everywhere: readonly Requirement[]): AccessPolicy {
  const judge = (caller: Caller, operations: readonly Operation[]): AccessShortfall | undefined => {
    const demands: Requirement[] = [];
    let refused: Operation | undefined;
    for (const operation of everywhere.length > 0 && operations.length === 0 ? [NO_OPERATION] : operations) {
      const listed = table.demandsOf(operation);
      const asked = listed === 'refused' ? everywhere : unite(everywhere, listed);
      const resolved = listed === 'refused' ? 'refused' : applyRules(asked, caller, operation);
      const requirements = resolved === 'refused' ? asked : resolved;
      for (const requirement of requirements) {
        const shortfall = judgeKind(requirement, caller, operation);
        if (shortfall !== undefined) return shortfall;
        if (requirement.clients?.includes(caller.clientId) === false) refused ??= operation;
      }
      if (resolved === 'refused' || !table.admits(caller.clientId, operation)) refused ??= operation;
      demands.push(...requirements);
    }
    if (refused !== undefined) return { reason: 'operation_not_allowed', operation: refused };
    return judgeScopes(demands, caller);
  };

  const judgeScopes = (demands: readonly Requirement[], caller: Caller): AccessShortfall | undefined => {
    const holds = table.expand(caller.scopes);
    if (table.baseScopes.every(holds) && demands.every((demand) => isMet(demand, holds))) return undefined;
    const needed = new Set(table.baseScopes);
    for (const { scopes, anyOf } of demands) {
      for (const scope of scopes) needed.add(scope);
      const [first] = anyOf;
      if (first !== undefined && !anyOf.some(holds)) needed.add(first);
    }
    const scopes = [...needed];
    return { reason: 'scope_insufficient', scopes, missing: scopes.filter((scope) => !holds(scope)) };
  };

  return {
    baseScopes:
      everywhere.length === 0
        ? table.baseScopes
        : [...new Set([...table.baseScopes, ...everywhere.flatMap(scopesToAskFor)])],
    scopesSupported: [...table.scopes].toSorted(),
    namedKinds: table.namedKinds,
    judge,
    requiring: (access, where) => createPolicy(table, [...everywhere, compileRequirement(access, where)]),
  };
}

function isMet({ scopes, anyOf }: Requirement, holds: (scope: string) => boolean): boolean {
  return scopes.every(holds) && (anyOf.length === 0 || anyOf.some(holds));
}

/** The scopes that meet a requirement, for a caller of whom nothing is known. */
function scopesToAskFor({ scopes, anyOf }: Requirement): readonly string[] {
  return [...scopes, ...anyOf.slice(0, 1)];
}

function unite(everywhere: readonly Requirement[], listed: readonly Requirement[]): readonly Requirement[] {
  return everywhere.length === 0 ? listed : [...everywhere, ...listed];
}

function judgeKind(
  { caller: needed }: Requirement,
  caller: Caller,
  operation: Operation,
): AccessShortfall | undefined {
  if (needed === undefined) return undefined;
  if (needed === 'user') {
    return caller.subjectKind === 'user' ? undefined : { reason: 'user_required', operation };
  }
  if (needed.includes(caller.kind)) return undefined;
  if (caller.kind === 'machine') return { reason: 'user_required', operation };
  return { reason: needed.includes('machine') ? 'machine_required' : 'operation_not_allowed', operation };
}

/** The requirements with those that their rules add, or `refused` when a rule says no or fails. */
function applyRules(
  requirements: readonly Requirement[],
  caller: Caller,
  operation: Operation,
  depth = 1,
): readonly Requirement[] | 'refused' {
  if (requirements.length === 0) return requirements;
  const all: Requirement[] = [];
  for (const requirement of requirements) {
    all.push(requirement);
    if (requirement.rule === undefined) continue;
    const added = askRule(requirement.rule, caller, operation);
    if (added === 'refused' || depth > MAX_RULE_DEPTH) return 'refused';
    const further = added === undefined ? [] : applyRules([added], caller, operation, depth + 1);
    if (further === 'refused') return 'refused';
    all.push(...further);
  }
  return all;
}

function askRule(
  rule: NonNullable<Requirement['rule']>,
  caller: Caller,
  { method = '', name = '', arguments: callArguments }: Operation,
): Requirement | 'refused' | undefined {
  try {
    const answer: unknown = rule({ caller, method, name, arguments: callArguments });
    if (answer === true) return undefined;
    // A promise, `undefined` and whatever else a mistaken rule returns is no permission.
    if (typeof answer !== 'object' || answer === null || 'then' in answer) return 'refused';
    return compileRequirement(answer, 'the answer of an access rule');
  } catch {
    return 'refused';
  }
}
