import { assertKnownOptions, isLoopbackHostname, parseIssuerIdentifier, printable } from '@mcp-m2m/core';
import type { Fetch } from '@mcp-m2m/core';
import type { AssertionSource } from '@mcp-m2m/core/client';
import type { IncomingMessage } from 'node:http';

import type { ConsoleEventListener } from './console-events.ts';
import { parseOpenId, type OpenIdSettings, type OpenIdSignInOptions } from './sign-in/openid-options.ts';

/** Options of {@link createConsole}. */
export interface ConsoleOptions {
  /** The authorization server that is administered; it was created with `adminApi: true`. */
  readonly issuer: string;
  /**
   * At least 32 random bytes, or a string of at least that many bytes: the authorization server's `secretKey` will do.
   * The key that encrypts the credentials of saved connections is derived from it.
   */
  readonly secretKey: Uint8Array | string;
  /** Path of the SQLite file for saved connections, created when it is not there; or `:memory:`. */
  readonly connections: string;
  /** Where browsers find the console, such as `https://auth.example.com`; the issuer's origin unless given. */
  readonly origin?: string;
  /** The path it is mounted at; `/console` unless given. */
  readonly path?: string;
  /** Private networks in CIDR notation that connections may lead to, such as `['10.0.0.0/8']`. None unless given. */
  readonly allowedNetworks?: readonly string[];
  /** Whether connections may lead to this machine itself, over http too. False unless given. */
  readonly allowLoopback?: boolean;
  /** Where the assertions of workloads come from, by the name under which a connection can choose one. */
  readonly workloadTokens?: Readonly<Record<string, AssertionSource>>;
  /** Lets people sign in at an OpenID provider, beside the credential of an administrator. */
  readonly openId?: OpenIdSignInOptions;
  /** After how long without a request a session ends, 60 to 86400 seconds; 1800 unless given. */
  readonly sessionIdleSeconds?: number;
  /** How long a session lasts at most, 60 to 604800 seconds; 28800 unless given. */
  readonly sessionLifetimeSeconds?: number;
  /**
   * Tells where a request came from, where a proxy stands before the console: what it says in `X-Forwarded-For`, as far
   * as that proxy is yours. The socket's address unless given.
   */
  readonly clientAddress?: (request: IncomingMessage) => string | undefined;
  /**
   * Tells the authorization server in `X-Forwarded-For` where the browser is, for its audit trail and its throttling.
   * It has to trust the console for that: `trustedProxies` with the console's address, `loopback` say. False unless
   * given.
   */
  readonly forwardClientAddress?: boolean;
  /** Reaches the authorization server and the OpenID provider. The global `fetch` unless given. */
  readonly fetch?: Fetch;
  /** The clock, in milliseconds; `Date.now` unless given. */
  readonly now?: () => number;
  /** Told who signed in and who changed what. */
  readonly onEvent?: ConsoleEventListener;
}

/** The options once validated, with defaults filled in. */
export interface ConsoleSettings {
  readonly issuer: string;
  readonly secretKey: Uint8Array;
  readonly connections: string;
  readonly origin: string;
  /** Without a slash at its end. */
  readonly path: string;
  readonly allowedNetworks: readonly string[];
  readonly allowLoopback: boolean;
  readonly workloadTokens: ReadonlyMap<string, AssertionSource>;
  readonly openId: OpenIdSettings | undefined;
  readonly sessionIdleSeconds: number;
  readonly sessionLifetimeSeconds: number;
  readonly clientAddress: (request: IncomingMessage) => string | undefined;
  readonly forwardClientAddress: boolean;
  readonly fetch: Fetch;
  readonly now: () => number;
  readonly onEvent: ConsoleEventListener | undefined;
}

const KNOWN = [
  'issuer',
  'secretKey',
  'connections',
  'origin',
  'path',
  'allowedNetworks',
  'allowLoopback',
  'workloadTokens',
  'openId',
  'sessionIdleSeconds',
  'sessionLifetimeSeconds',
  'clientAddress',
  'forwardClientAddress',
  'fetch',
  'now',
  'onEvent',
] as const satisfies readonly (keyof ConsoleOptions)[];

/**
 * Validates the options. Networks are read where they are used.
 *
 * @throws TypeError naming the option and the mend
 */
export function parseConsoleOptions(options: ConsoleOptions): ConsoleSettings {
  assertKnownOptions(options, KNOWN, 'createConsole');
  const issuer = parseIssuerIdentifier(options.issuer);
  const {
    allowedNetworks = [],
    allowLoopback = false,
    workloadTokens = {},
    forwardClientAddress = false,
  } = options;
  if (typeof options.connections !== 'string' || options.connections === '') {
    throw new TypeError('connections must be the path of a SQLite file, or ":memory:".');
  }
  if (typeof allowLoopback !== 'boolean') throw new TypeError('allowLoopback must be true or false.');
  if (typeof forwardClientAddress !== 'boolean') {
    throw new TypeError('forwardClientAddress must be true or false.');
  }
  for (const name of ['clientAddress', 'fetch', 'now', 'onEvent'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') {
      throw new TypeError(`${name} must be a function; leave it out for the default.`);
    }
  }
  return {
    issuer,
    secretKey: parseSecretKey(options.secretKey),
    connections: options.connections,
    origin: parseOrigin(options.origin ?? new URL(issuer).origin),
    path: parsePath(options.path ?? '/console'),
    allowedNetworks,
    allowLoopback,
    workloadTokens: parseWorkloadTokens(workloadTokens),
    openId: parseOpenId(options.openId),
    sessionIdleSeconds: parseSeconds(options.sessionIdleSeconds ?? 1800, 'sessionIdleSeconds', 86_400),
    sessionLifetimeSeconds: parseSeconds(
      options.sessionLifetimeSeconds ?? 28_800,
      'sessionLifetimeSeconds',
      604_800,
    ),
    clientAddress: options.clientAddress ?? ((request) => request.socket.remoteAddress),
    forwardClientAddress,
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    now: options.now ?? Date.now,
    onEvent: options.onEvent,
  };
}

function parseSecretKey(value: unknown): Uint8Array {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  if (bytes instanceof Uint8Array && bytes.byteLength >= 32 && new Set(bytes).size >= 8) {
    return Uint8Array.from(bytes);
  }
  throw new TypeError(
    'secretKey must be at least 32 random bytes, or a string that long; create one with "openssl rand -base64 48".',
  );
}

function parseOrigin(value: unknown): string {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  const secure =
    url !== null &&
    (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHostname(url.hostname)));
  if (secure && url.href === `${url.origin}/`) return url.origin;
  throw new TypeError(
    `origin must be an https origin such as "https://auth.example.com" (http on loopback only), received ${printable(value)}.`,
  );
}

function parsePath(value: unknown): string {
  if (
    typeof value === 'string' &&
    /^(?:\/[A-Za-z0-9._~-]+)+$/.test(value) &&
    !/\/\.{1,2}(?:\/|$)/.test(value)
  )
    return value;
  throw new TypeError(
    `path must be a path such as "/console", without a slash at its end, received ${printable(value)}.`,
  );
}

function parseWorkloadTokens(value: Readonly<Record<string, AssertionSource>>): Map<string, AssertionSource> {
  if (typeof value !== 'object' || value === null) {
    throw new TypeError(
      'workloadTokens must be an object of sources such as kubernetesServiceAccountToken().',
    );
  }
  for (const [name, source] of Object.entries(value)) {
    if (!/^[\w .-]{1,60}$/.test(name) || typeof source?.getAssertion !== 'function') {
      throw new TypeError(
        `workloadTokens: ${printable(name)} must be a name of letters and digits for a source such as kubernetesServiceAccountToken().`,
      );
    }
  }
  return new Map(Object.entries(value));
}

function parseSeconds(value: unknown, option: string, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 60 && value <= most) return value;
  throw new TypeError(`${option} must be a whole number from 60 to ${most}, received ${printable(value)}.`);
}
