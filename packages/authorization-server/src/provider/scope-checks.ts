import { printable } from '@mcp-m2m/core';
import { errors } from 'oidc-provider';

import type { ClientAccess } from '../clients/access.ts';

/**
 * Decides the scopes of a token: those asked for, or the client's default ones at the resource, which are all
 * it has there unless they were narrowed.
 *
 * The engine itself answers an unknown scope with a token without it; here every scope that is not the
 * client's at this resource is refused.
 *
 * @param requested - the parameter `scope`
 * @param allowed - what the client may do at the resource
 * @returns scopes; none only for a client without any
 * @throws errors.InvalidScope naming the scope and what is allowed
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.3 | RFC 6749 §3.3}
 */
export function grantScopes(requested: string | undefined, allowed: ClientAccess): readonly string[] {
  if (requested === undefined) return allowed.defaultScopes ?? allowed.scopes;
  const scopes = [...new Set(requested.split(' '))];
  const refused = scopes.find((scope) => !allowed.scopes.includes(scope));
  if (refused !== undefined) {
    throw new errors.InvalidScope(
      `the scope ${printable(refused)} is not this client's at ${allowed.resource}; allowed: ${allowed.scopes.join(' ') || 'none'}`,
      refused,
      'scope_not_allowed',
    );
  }
  return scopes;
}
