import { assertKnownOptions, parseIssuerIdentifier, parseResourceIdentifier, printable } from '@mcp-m2m/core';

import { parseScopes } from './clients/access.ts';
import type { AuthorizationServerEventListener } from './events.ts';
import { parseSecretKey } from './keys/secret-key.ts';

/** An MCP server that tokens can be issued for. */
export interface ProtectedResourceOptions {
  /** The MCP server's identifier, for example `https://mcp.example.com/mcp`; it becomes the audience. */
  readonly resource: string;
  /** Every scope this MCP server knows; empty for one that asks for no scope. */
  readonly scopes: readonly string[];
}

/** Options of {@link createAuthorizationServer}. */
export interface AuthorizationServerOptions {
  /** The server's identifier: its public https URL (http on loopback only), compared character by character. */
  readonly issuer: string;
  /** The MCP servers that tokens can be issued for, at least one. */
  readonly resources: readonly ProtectedResourceOptions[];
  /** Path of the SQLite file, created when it is not there; `:memory:` keeps everything in memory. */
  readonly database: string;
  /**
   * At least 32 random bytes, or a string of at least that many bytes. The key that protects client
   * secrets and the key that encrypts signing keys at rest are derived from it; a database opens only
   * with the key it was created with. Plain patterns, such as zeros or a repeated word, are refused.
   */
  readonly secretKey: Uint8Array | string;
  /** How long access tokens live, 60 to 86400 seconds; 300 unless given. */
  readonly accessTokenLifetimeSeconds?: number;
  /**
   * The clock, in milliseconds; `Date.now` unless given. `exp` and `nbf` of client assertions have to
   * hold by this clock and by the system's.
   */
  readonly now?: () => number;
  /**
   * Receives every issued and refused token and every change to clients and keys. Not waited for; what it
   * throws or rejects with changes nothing.
   */
  readonly onEvent?: AuthorizationServerEventListener;
}

/** The options once validated, with defaults filled in. */
export interface Configuration {
  readonly issuer: string;
  /** Scopes by canonical resource identifier. */
  readonly resources: ReadonlyMap<string, readonly string[]>;
  readonly database: string;
  readonly secretKey: Uint8Array;
  readonly accessTokenLifetimeSeconds: number;
  readonly now: () => number;
  readonly onEvent: AuthorizationServerEventListener | undefined;
}

const KNOWN = [
  'issuer',
  'resources',
  'database',
  'secretKey',
  'accessTokenLifetimeSeconds',
  'now',
  'onEvent',
] as const satisfies readonly (keyof AuthorizationServerOptions)[];

/**
 * Validates the options.
 *
 * @throws TypeError naming the option and the mend
 */
export function parseOptions(options: AuthorizationServerOptions): Configuration {
  assertKnownOptions(options, KNOWN, 'createAuthorizationServer');
  return {
    issuer: parseIssuerIdentifier(options.issuer),
    resources: parseResources(options.resources),
    database: parseDatabase(options.database),
    secretKey: parseSecretKey(options.secretKey),
    accessTokenLifetimeSeconds: parseLifetime(options.accessTokenLifetimeSeconds ?? 300),
    now: parseFunction(options.now, 'now') ?? Date.now,
    onEvent: parseFunction(options.onEvent, 'onEvent'),
  };
}

function parseResources(value: unknown): ReadonlyMap<string, readonly string[]> {
  if (!Array.isArray(value) || value.length === 0) {
    throw new TypeError(
      'resources must list at least one MCP server, such as [{ resource: "https://mcp.example.com/mcp", scopes: ["deploy:read"] }].',
    );
  }
  const resources = new Map<string, readonly string[]>();
  for (const [index, entry] of value.entries()) {
    const option = `resources[${index}]`;
    assertKnownOptions(entry, ['resource', 'scopes'], option);
    const resource = parseResourceIdentifier(entry.resource, `${option}.resource`);
    if (resources.has(resource)) {
      throw new TypeError(
        `${option}.resource: ${resource} is listed twice; put all its scopes into one entry.`,
      );
    }
    resources.set(resource, parseScopes(entry.scopes, `${option}.scopes`));
  }
  return resources;
}

function parseDatabase(value: unknown): string {
  if (typeof value !== 'string' || value === '') {
    throw new TypeError('database must be the path of an SQLite file, or ":memory:".');
  }
  if (/^[a-z][a-z+]+:\/\//i.test(value) || value.startsWith('file:')) {
    throw new TypeError('database must be the path of an SQLite file, or ":memory:", not a URL.');
  }
  return value;
}

function parseLifetime(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 60 || value > 86_400) {
    throw new TypeError(
      `accessTokenLifetimeSeconds must be a whole number from 60 to 86400, received ${printable(value)}.`,
    );
  }
  return value;
}

function parseFunction<T extends (...args: never[]) => unknown>(
  value: T | undefined,
  option: string,
): T | undefined {
  if (value !== undefined && typeof value !== 'function') {
    throw new TypeError(`${option} must be a function, received ${printable(value)}.`);
  }
  return value;
}
