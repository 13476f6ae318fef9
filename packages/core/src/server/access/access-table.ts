import { assertKnownOptions } from '../../known-options.ts';
import { assertScopes } from '../../scope.ts';
import type { Access, AccessOptions, ClientRestriction } from './access-options.ts';
import type { Operation, OperationKind } from './operations.ts';
import { compileRequirement, type Requirement } from './requirement.ts';
import { compileResourceTemplate, type ResourceMatcher } from './resource-template.ts';
import { compileScopeHierarchy, type ScopeExpansion } from './scope-hierarchy.ts';

/** What an operation asks for, or `refused` where its list is closed and it is not on it. */
export type Demands = readonly Requirement[] | 'refused';

/** The policy's lists, compiled. */
export interface AccessTable {
  readonly baseScopes: readonly string[];
  /** Every scope that is named anywhere. Scopes that a rule returns are not known beforehand. */
  readonly scopes: ReadonlySet<string>;
  readonly expand: ScopeExpansion;
  readonly demandsOf: (operation: Operation) => Demands;
  /** What has rules by name, so that an operation on it must have one. */
  readonly namedKinds: ReadonlySet<OperationKind>;
  /** Whether a client's own restriction admits the operation. */
  readonly admits: (clientId: string, operation: Operation) => boolean;
}

const KNOWN: readonly (keyof AccessOptions)[] = [
  'scopes',
  'tools',
  'resources',
  'prompts',
  'methods',
  'clients',
  'unlistedTools',
  'unlistedResources',
  'unlistedPrompts',
  'scopeHierarchy',
];

const KINDS: readonly OperationKind[] = ['tool', 'resource', 'prompt'];

/**
 * Validates and compiles a policy's lists.
 *
 * @throws TypeError naming the option and the mend
 */
export function compileAccessTable(options: AccessOptions): AccessTable {
  assertKnownOptions(options, KNOWN, 'access');
  const baseScopes = options.scopes ?? [];
  assertScopes(baseScopes, 'access.scopes');
  const tools = compileList(options.tools, 'access.tools');
  const prompts = compileList(options.prompts, 'access.prompts');
  const methods = compileList(options.methods, 'access.methods');
  const resources = [...compileList(options.resources, 'access.resources')].map(
    ([template, requirement]) => ({
      matches: compileResourceTemplate(template, `access.resources["${template}"]`),
      requirement,
    }),
  );
  const closed: Readonly<Record<OperationKind, boolean>> = {
    tool: isClosed(options.unlistedTools, 'access.unlistedTools'),
    resource: isClosed(options.unlistedResources, 'access.unlistedResources'),
    prompt: isClosed(options.unlistedPrompts, 'access.unlistedPrompts'),
  };
  const restrictions = compileRestrictions(options.clients === undefined ? {} : options.clients);

  const listed = (kind: OperationKind, name: string): readonly Requirement[] => {
    if (kind === 'resource')
      return resources.filter(({ matches }) => matches(name)).map((one) => one.requirement);
    const requirement = (kind === 'tool' ? tools : prompts).get(name);
    return requirement === undefined ? [] : [requirement];
  };
  const isNamed: Readonly<Record<OperationKind, boolean>> = {
    tool: tools.size > 0,
    resource: resources.length > 0,
    prompt: prompts.size > 0,
  };
  const isRestricted = (kind: OperationKind): boolean =>
    [...restrictions.values()].some((restriction) => restriction[kind] !== undefined);
  const all = [tools, prompts, methods].flatMap((list) => [...list.values()]);
  const requirements = [...all, ...resources.map(({ requirement }) => requirement)];

  return {
    baseScopes,
    scopes: new Set([...baseScopes, ...requirements.flatMap(({ scopes, anyOf }) => [...scopes, ...anyOf])]),
    namedKinds: new Set(KINDS.filter((kind) => isNamed[kind] || closed[kind] || isRestricted(kind))),
    expand: compileScopeHierarchy(options.scopeHierarchy ?? {}, 'access.scopeHierarchy'),
    demandsOf: ({ method, kind, name }) => {
      const named = kind === undefined || name === undefined ? [] : listed(kind, name);
      if (kind !== undefined && named.length === 0 && closed[kind]) return 'refused';
      const ofMethod = method === undefined ? undefined : methods.get(method);
      return ofMethod === undefined ? named : [ofMethod, ...named];
    },
    admits: (clientId, { kind, name }) => {
      const restriction = kind === undefined ? undefined : restrictions.get(clientId)?.[kind];
      return (
        restriction === undefined || (name !== undefined && restriction.some((matches) => matches(name)))
      );
    },
  };
}

function compileList(list: unknown, option: string): ReadonlyMap<string, Requirement> {
  if (list === undefined) return new Map();
  if (typeof list !== 'object' || list === null || Array.isArray(list)) {
    throw new TypeError(
      `${option} must be an object from names to scopes, such as { name: ["deploy:write"] }.`,
    );
  }
  const entries = Object.entries(list) as [string, Access][];
  return new Map(entries.map(([name, access]) => [name, compileRequirement(access, `${option}.${name}`)]));
}

function isClosed(value: unknown, option: string): boolean {
  if (value !== undefined && value !== 'allow' && value !== 'refuse') {
    throw new TypeError(`${option} must be "allow" or "refuse".`);
  }
  return value === 'refuse';
}

type Restriction = Partial<Record<OperationKind, readonly ResourceMatcher[]>>;

function compileRestrictions(
  clients: Readonly<Record<string, ClientRestriction>>,
): ReadonlyMap<string, Restriction> {
  if (typeof clients !== 'object' || clients === null || Array.isArray(clients)) {
    throw new TypeError('access.clients must be an object from client ids to what each may do.');
  }
  const restrictions = new Map<string, Restriction>();
  for (const [clientId, restriction] of Object.entries(clients)) {
    const option = `access.clients.${clientId}`;
    assertKnownOptions(restriction, ['tools', 'resources', 'prompts'], option);
    const { tools, resources, prompts } = restriction;
    restrictions.set(clientId, {
      ...(tools === undefined ? {} : { tool: matchersOf(tools, `${option}.tools`, exactly) }),
      ...(prompts === undefined ? {} : { prompt: matchersOf(prompts, `${option}.prompts`, exactly) }),
      ...(resources === undefined
        ? {}
        : { resource: matchersOf(resources, `${option}.resources`, compileResourceTemplate) }),
    });
  }
  return restrictions;
}

function matchersOf(
  list: unknown,
  option: string,
  compile: (name: string, option: string) => ResourceMatcher,
): readonly ResourceMatcher[] {
  if (!Array.isArray(list) || !list.every((name) => typeof name === 'string')) {
    throw new TypeError(`${option} must be an array of names.`);
  }
  return list.map((name) => compile(name, option));
}

function exactly(name: string): ResourceMatcher {
  return (candidate) => candidate === name;
}
