import { printable } from '@mcp-m2m/core';

/** A grant that clients can be registered for. */
export type GrantType = (typeof CLIENT_GRANT_TYPES)[number];

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** The grants that clients can be registered for. */
export const CLIENT_GRANT_TYPES = [
  'client_credentials',
  JWT_BEARER,
  'urn:ietf:params:oauth:grant-type:token-exchange',
  // Not a grant: the client is a resource server, and may ask about the tokens for its resources.
  'introspection',
] as const;

/** What a client is registered for unless it says otherwise. */
export function defaultGrantTypes(method: 'secret' | 'private_key_jwt' | 'workload'): readonly GrantType[] {
  return method === 'workload' ? [JWT_BEARER] : ['client_credentials'];
}

/**
 * Validates the grants a client is registered for.
 *
 * @param value - the option `grantTypes`
 * @throws TypeError naming what is offered
 */
export function parseGrantTypes(value: unknown): readonly GrantType[] {
  if (!Array.isArray(value) || value.length === 0 || new Set(value).size !== value.length) {
    throw new TypeError(`grantTypes must list, each once, at least one of ${CLIENT_GRANT_TYPES.join(', ')}.`);
  }
  const unknown: unknown = value.find((grant) => !(CLIENT_GRANT_TYPES as readonly unknown[]).includes(grant));
  if (unknown !== undefined) {
    throw new TypeError(
      `grantTypes: ${printable(unknown)} is none that a client can be registered for: ${CLIENT_GRANT_TYPES.join(', ')}.`,
    );
  }
  return [...(value as GrantType[])];
}
