import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';

import { assertKnownOptions, printable } from '@mcp-m2m/core';

/** A PostgreSQL database with settings beside its URL. */
export interface PostgresqlOptions {
  /** `postgresql://user:password@host:5432/database?sslmode=verify-full` */
  readonly url: string;
  /** Most connections at a time, 2 to 500; 10 unless given. */
  readonly maxConnections?: number;
  /** How long to wait for a connection, 1 to 60 seconds; 5 unless given. */
  readonly connectTimeoutSeconds?: number;
  /** How long one statement may take, 1 to 300 seconds; 10 unless given. */
  readonly statementTimeoutSeconds?: number;
}

/** How to reach a PostgreSQL database. */
export interface PostgresqlConnection {
  /** For messages; without user and password. */
  readonly name: string;
  readonly server: {
    readonly host: string;
    readonly port?: number;
    readonly user?: string;
    /** A function, so that no inspection shows it. */
    readonly password?: () => string;
    readonly database?: string;
    readonly application_name: string;
    readonly ssl: false | ConnectionOptions;
  };
  /** `options` of the URL: settings of every session. */
  readonly startupOptions: string | undefined;
  readonly maxConnections: number;
  readonly connectTimeoutSeconds: number;
  readonly statementTimeoutSeconds: number;
}

const KNOWN_OPTIONS = ['url', 'maxConnections', 'connectTimeoutSeconds', 'statementTimeoutSeconds'] as const;
const KNOWN_PARAMETERS = [
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'host',
  'options',
  'application_name',
];
const EXAMPLE = 'such as "postgresql://user:password@db.example.com:5432/auth?sslmode=verify-full"';

/**
 * Parses the options of a PostgreSQL database. Messages never repeat the URL, which may hold a password.
 *
 * @throws TypeError naming what is wrong and the mend
 * @see {@link https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS | PostgreSQL: Connection URIs}
 */
export function parsePostgresqlOptions(options: PostgresqlOptions): PostgresqlConnection {
  assertKnownOptions(options, KNOWN_OPTIONS, 'database');
  const { url: text, maxConnections = 10, connectTimeoutSeconds = 5, statementTimeoutSeconds = 10 } = options;
  const url = typeof text === 'string' ? URL.parse(text) : null;
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol)) {
    throw new TypeError(`database must be a PostgreSQL URL ${EXAMPLE}, with one host.`);
  }
  const parameters = url.searchParams;
  for (const name of parameters.keys()) {
    if (!KNOWN_PARAMETERS.includes(name)) {
      throw new TypeError(
        `database: the URL's parameter ${printable(name)} is not known; there are ${KNOWN_PARAMETERS.join(', ')}.`,
      );
    }
  }
  const host = decode(parameters.get('host') ?? url.hostname.replace(/^\[(.*)\]$/, '$1'), 'host');
  if (host === '') throw new TypeError(`database: the URL must name a host, ${EXAMPLE}.`);
  const database = decode(url.pathname.slice(1), 'database');
  const password = decode(url.password, 'password');
  return {
    name: `postgresql://${host}${url.port === '' ? '' : `:${url.port}`}/${database}`,
    server: {
      host,
      ...(url.port === '' ? {} : { port: Number(url.port) }),
      ...(url.username === '' ? {} : { user: decode(url.username, 'user') }),
      ...(password === '' ? {} : { password: () => password }),
      ...(database === '' ? {} : { database }),
      application_name: parameters.get('application_name') ?? 'mcp-m2m',
      ssl: parseTls(host, parameters),
    },
    startupOptions: parameters.get('options') ?? undefined,
    maxConnections: parseNumber(maxConnections, 'maxConnections', 2, 500),
    connectTimeoutSeconds: parseNumber(connectTimeoutSeconds, 'connectTimeoutSeconds', 1, 60),
    statementTimeoutSeconds: parseNumber(statementTimeoutSeconds, 'statementTimeoutSeconds', 1, 300),
  };
}

/** A certificate is always verified where there is one: `require` alone would accept anybody's. */
function parseTls(host: string, parameters: URLSearchParams): false | ConnectionOptions {
  const mode = parameters.get('sslmode');
  switch (mode) {
    case 'disable':
      return false;
    case 'require':
    case 'verify-ca':
    case 'verify-full':
      return {
        rejectUnauthorized: true,
        ...readFileOf(parameters, 'sslrootcert', 'ca'),
        ...readFileOf(parameters, 'sslcert', 'cert'),
        ...readFileOf(parameters, 'sslkey', 'key'),
      };
    case null:
      if (isThisMachine(host)) return false;
      throw new TypeError(
        'database: the URL must say how the connection is protected: sslmode=verify-full (with sslrootcert for a certificate authority of your own), or sslmode=disable on a network that nobody else is on.',
      );
    default:
      throw new TypeError(
        `database: sslmode must be verify-full or disable, received ${printable(mode)}; what falls back to plain text protects nothing.`,
      );
  }
}

function isThisMachine(host: string): boolean {
  return (
    host.startsWith('/') ||
    host === 'localhost' ||
    host === '::1' ||
    (isIP(host) === 4 && host.startsWith('127.'))
  );
}

function readFileOf(parameters: URLSearchParams, parameter: string, option: 'ca' | 'cert' | 'key') {
  const path = parameters.get(parameter);
  if (path === null || (parameter === 'sslrootcert' && path === 'system')) return {};
  try {
    return { [option]: readFileSync(path, 'utf8') };
  } catch (cause) {
    throw new TypeError(`database: the file of ${parameter} in the URL cannot be read: ${printable(path)}.`, {
      cause,
    });
  }
}

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TypeError(`database: the ${part} in the URL must be percent-encoded; a "%" is written "%25".`);
  }
}

function parseNumber(value: unknown, option: string, least: number, most: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw new TypeError(
      `database.${option} must be a whole number from ${least} to ${most}, received ${printable(value)}.`,
    );
  }
  return value;
}
