import { assertKnownOptions, assertScopes, parseResourceIdentifier } from '@mcp-m2m/core';

/** What a client may do at one resource. */
export interface ClientAccess {
  /** Canonical identifier of the MCP server. */
  readonly resource: string;
  /** The most it can get; may be empty. */
  readonly scopes: readonly string[];
  /** The scopes it gets when it asks for none; all of `scopes` unless given. */
  readonly defaultScopes?: readonly string[];
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
 * Validates what a client may do against what the server knows.
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
    assertKnownOptions(entry, ['resource', 'scopes', 'defaultScopes'], option);
    const resource = parseResourceIdentifier(entry.resource, `${option}.resource`);
    const known = resources.get(resource);
    if (known === undefined) {
      throw new TypeError(
        `${option}.resource: ${resource} is not among the server's resources: ${listed([...resources.keys()])}.`,
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
    const defaults = parseDefaultScopes(entry.defaultScopes, scopes, option);
    access.set(resource, {
      resource,
      scopes,
      ...(defaults === undefined ? {} : { defaultScopes: defaults }),
    });
  }
  return [...access.values()];
}

function parseDefaultScopes(
  value: unknown,
  scopes: readonly string[],
  option: string,
): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const defaults = parseScopes(value, `${option}.defaultScopes`);
  const foreign = defaults.find((scope) => !scopes.includes(scope));
  if (foreign === undefined) return defaults;
  throw new TypeError(
    `${option}.defaultScopes: "${foreign}" is not among the entry's scopes; add it there first.`,
  );
}

const MOST_LISTED = 10;

function listed(resources: readonly string[]): string {
  if (resources.length === 0) return 'none is registered yet';
  return resources.slice(0, MOST_LISTED).join(', ') + (resources.length > MOST_LISTED ? ', …' : '');
}
