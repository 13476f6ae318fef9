import { parseResourceIdentifier, printable } from '@mcp-m2m/core';
import { errors } from 'oidc-provider';

import type { ClientAccess } from '../clients/access.ts';
import type { ClientCredentials } from '../store/client-credentials.ts';
import type { TokenRefusalReason } from '../token-refusal-reason.ts';
import { grantScopes } from './scope-checks.ts';

/** The one resource a token is for, and what it is good for there. */
export interface TokenTarget {
  /** Canonical identifier: the audience. */
  readonly resource: string;
  readonly scopes: readonly string[];
  readonly lifetimeSeconds: number;
}

/** What a request asks for, as it was sent. */
export interface RequestedTarget {
  readonly resource: string | readonly string[] | undefined;
  readonly scope: string | undefined;
}

/** What the server knows. */
export interface TokenTargetRules {
  /** Scopes by canonical resource, as they are now. */
  readonly resources: ReadonlyMap<string, readonly string[]>;
  /** For clients without a lifetime of their own. */
  readonly accessTokenLifetimeSeconds: number;
}

/** The part of a client that decides; narrow `access` to give less than the client has. */
export type TargetedClient = Pick<ClientCredentials, 'access' | 'defaultResource' | 'tokenLifetimeSeconds'>;

/**
 * Decides the one audience, the scopes and the lifetime of a token.
 *
 * A request that names no resource is for the client's default one, or for the only one it may use. Does not
 * authenticate anybody, and does not judge the client itself.
 *
 * @throws errors.InvalidTarget or errors.InvalidScope, with words for the client and the reason as detail
 * @see {@link https://www.rfc-editor.org/rfc/rfc8707#section-2 | RFC 8707 §2},
 *   {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.3 | RFC 6749 §3.3}
 */
export function decideTokenTarget(
  client: TargetedClient,
  requested: RequestedTarget,
  rules: TokenTargetRules,
): TokenTarget {
  const access = effectiveAccess(client.access, rules.resources);
  const allowed = findAccess(access, requested.resource, client.defaultResource);
  return {
    resource: allowed.resource,
    scopes: grantScopes(requested.scope, allowed),
    lifetimeSeconds: client.tokenLifetimeSeconds ?? rules.accessTokenLifetimeSeconds,
  };
}

function findAccess(
  access: readonly ClientAccess[],
  requested: RequestedTarget['resource'],
  defaultResource: string | undefined,
): ClientAccess {
  const list = typeof requested === 'string' ? [requested] : (requested ?? []);
  if (list.length > 1) {
    throw invalidTarget('resource_repeated', 'exactly one resource must be requested for a token');
  }
  const [named] = list;
  if (named === undefined) {
    const only = access.length === 1 ? access[0] : undefined;
    const assumed = access.find(({ resource }) => resource === defaultResource) ?? only;
    if (assumed !== undefined) return assumed;
    throw invalidTarget('resource_missing', `resource is required; ${describeChoice(access)}`);
  }
  const canonical = canonicalResource(named);
  const found = access.find(({ resource }) => resource === canonical);
  if (found !== undefined) return found;
  throw invalidTarget(
    'resource_not_allowed',
    `${printable(named)} is not a resource this client may use; ${describeChoice(access)}`,
  );
}

interface ComputedAccess {
  readonly resources: TokenTargetRules['resources'];
  readonly access: readonly ClientAccess[];
}

const computed = new WeakMap<readonly ClientAccess[], ComputedAccess>();

/** What a client was granted, as far as the server still knows it. */
function effectiveAccess(
  granted: readonly ClientAccess[],
  resources: TokenTargetRules['resources'],
): readonly ClientAccess[] {
  const known = computed.get(granted);
  if (known?.resources === resources) return known.access;
  const access = granted.flatMap((entry) => {
    const scopes = resources.get(entry.resource);
    if (scopes === undefined) return [];
    const keep = (list: readonly string[]) => list.filter((scope) => scopes.includes(scope));
    return [
      {
        resource: entry.resource,
        scopes: keep(entry.scopes),
        ...(entry.defaultScopes === undefined ? {} : { defaultScopes: keep(entry.defaultScopes) }),
      },
    ];
  });
  computed.set(granted, { resources, access });
  return access;
}

function canonicalResource(requested: string): string | undefined {
  try {
    return parseResourceIdentifier(requested);
  } catch {
    return undefined;
  }
}

function describeChoice(access: readonly ClientAccess[]): string {
  if (access.length === 0) return 'this client may use none';
  return `this client may use ${access.map(({ resource }) => resource).join(' or ')}`;
}

function invalidTarget(reason: TokenRefusalReason, description: string): Error {
  return new errors.InvalidTarget(description, reason);
}
