import { assertKnownOptions, assertScopes, parseResourceIdentifier } from '@mcp-m2m/core';

/** What a client may do at one resource. */
export interface ClientAccess {
  /** Canonical identifier of the MCP server. */
  readonly resource: string;
  /** The scopes it gets when it asks for none, and the most it can get; may be empty. */
  readonly scopes: readonly string[];
}

/**
 * Validates a list of scopes, each of them once.
 *
 * @throws TypeError naming the option
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.3 | RFC 6749 §3.3}
 */
export function parseScopes(value: unknown, option: string): readonly string[] {
  assertScopes(value, option);
  if (new Set(value).size !== value.length) throw new TypeError(`${option} names a scope twice.`);
  return [...value];
}

/**
 * Validates what a new client may do against what the server knows.
 *
 * @param value - the option `access`
 * @param resources - the server's scopes by resource
 * @throws TypeError naming the entry, and what is known
 */
export function parseAccess(
  value: unknown,
  resources: ReadonlyMap<string, readonly string[]>,
): readonly ClientAccess[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new TypeError('access must list at least one resource, such as [{ resource, scopes: [] }].');
  }
  const access = new Map<string, ClientAccess>();
  for (const [index, entry] of value.entries()) {
    const option = `access[${index}]`;
    assertKnownOptions(entry, ['resource', 'scopes'], option);
    const resource = parseResourceIdentifier(entry.resource, `${option}.resource`);
    const known = resources.get(resource);
    if (known === undefined) {
      throw new TypeError(
        `${option}.resource: ${resource} is not among the server's resources: ${[...resources.keys()].join(', ')}.`,
      );
    }
    if (access.has(resource)) throw new TypeError(`${option}.resource: ${resource} is listed twice.`);
    const scopes = parseScopes(entry.scopes, `${option}.scopes`);
    const unknown = scopes.find((scope) => !known.includes(scope));
    if (unknown !== undefined) {
      throw new TypeError(
        `${option}.scopes: "${unknown}" is not a scope of ${resource}, which has: ${known.join(' ') || 'none'}.`,
      );
    }
    access.set(resource, { resource, scopes });
  }
  return [...access.values()];
}
