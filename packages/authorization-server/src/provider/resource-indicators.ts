import { parseResourceIdentifier, printable } from '@mcp-m2m/core';
import { errors, type Client, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider';

import type { ClientAccess } from '../clients/access.ts';
import { SIGNING_ALGORITHM } from '../keys/signing-key.ts';
import { accessOf } from './client-metadata.ts';
import { grantScopes } from './scope-checks.ts';

/** What a token may be issued for. */
export interface ResourceRules {
  /** Scopes by resource, as configured now. */
  readonly resources: ReadonlyMap<string, readonly string[]>;
  readonly accessTokenLifetimeSeconds: number;
  readonly signingKeyId: string;
}

/**
 * Makes the two functions by which the engine decides the one audience and the scopes of a token.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8707#section-2 | RFC 8707 §2}
 */
export function createResourceIndicators(rules: ResourceRules) {
  const effective = createEffectiveAccess(rules.resources);
  return {
    enabled: true,

    /** A client that may use exactly one resource need not name it. */
    defaultResource(_ctx: KoaContextWithOIDC, client: Client): string {
      const access = effective(client);
      const [only] = access;
      if (only !== undefined && access.length === 1) return only.resource;
      throw invalidTarget('resource_missing', `resource is required; ${describeChoice(access)}`);
    },

    getResourceServerInfo(ctx: KoaContextWithOIDC, requested: string, client: Client): ResourceServer {
      const parameters = ctx.oidc.params ?? {};
      if (Array.isArray(parameters['resource']) && parameters['resource'].length !== 1) {
        throw invalidTarget('resource_repeated', 'exactly one resource must be requested for a token');
      }
      const access = effective(client);
      const allowed = access.find(({ resource }) => resource === canonicalResource(requested));
      if (allowed === undefined) {
        throw invalidTarget(
          'resource_not_allowed',
          `${printable(requested)} is not a resource this client may use; ${describeChoice(access)}`,
        );
      }
      // The engine takes the scopes from the request's parameters right after this.
      const scope = grantScopes(parameters['scope'] as string | undefined, allowed);
      parameters['scope'] = scope === '' ? undefined : scope;
      return {
        scope,
        audience: allowed.resource,
        accessTokenTTL: rules.accessTokenLifetimeSeconds,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: SIGNING_ALGORITHM, kid: rules.signingKeyId } },
      };
    },
  };
}

/** What a client was granted, as far as the configuration still knows it. */
function createEffectiveAccess(
  resources: ResourceRules['resources'],
): (client: Client) => readonly ClientAccess[] {
  const computed = new WeakMap<readonly ClientAccess[], readonly ClientAccess[]>();
  return (client) => {
    const granted = accessOf(client);
    let effective = computed.get(granted);
    if (effective === undefined) {
      effective = granted.flatMap(({ resource, scopes }) => {
        const known = resources.get(resource);
        return known === undefined
          ? []
          : [{ resource, scopes: scopes.filter((scope) => known.includes(scope)) }];
      });
      computed.set(granted, effective);
    }
    return effective;
  };
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

function invalidTarget(reason: string, description: string): Error {
  return new errors.InvalidTarget(description, reason);
}
