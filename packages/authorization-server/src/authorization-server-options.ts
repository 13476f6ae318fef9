import { createCertificateThumbprint, type ClientCertificateOptions } from '@mcp-m2m/core/server';
import { assertKnownOptions, parseIssuerIdentifier, printable } from '@mcp-m2m/core';

import { parseAudit, type AuditOptions, type AuditRules } from './audit/audit-rules.ts';
import { parseAddressList } from './clients/address-list.ts';
import { collectMistakes } from './configuration-mistakes.ts';
import { parseResources, type ProtectedResourceOptions } from './configured-resources.ts';
import type { AuthorizationServerEventListener } from './events.ts';
import { parseTrustedProxies } from './http/client-address.ts';
import { parseSigners, type ExternalSigner } from './keys/external-signer.ts';
import { parseSecretKey } from './keys/secret-key.ts';
import { parseSigningAlgorithm, type SigningAlgorithm } from './keys/signing-algorithm.ts';
import type { SigningKey } from './keys/signing-key.ts';
import {
  parseThrottling,
  type ThrottlingOptions,
  type ThrottlingRules,
} from './throttling/throttling-options.ts';
import { parseDatabase, type DatabaseTarget } from './store/database-target.ts';
import type { PostgresqlOptions } from './store/postgresql-connection.ts';

/** Options of {@link createAuthorizationServer}. */
export interface AuthorizationServerOptions {
  /** The server's identifier: its public https URL (http on loopback only), compared character by character. */
  readonly issuer: string;
  /** The MCP servers that tokens can be issued for; administrators can register more (`server.resources`). */
  readonly resources: readonly ProtectedResourceOptions[];
  /**
   * Path of the SQLite file, created when it is not there; `:memory:` keeps everything in memory. Or the URL of
   * a PostgreSQL database, which several instances may share, alone or with settings of its connections.
   */
  readonly database: string | PostgresqlOptions;
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
  /**
   * Proxies whose `X-Forwarded-For` tells where a request came from: addresses, networks in CIDR notation, or
   * `loopback`. None unless given. Behind a proxy that is not named here, all clients seem to be at one
   * address, and are throttled as one.
   */
  readonly trustedProxies?: readonly string[];
  /** How failed authentications are slowed, see {@link ThrottlingOptions}. */
  readonly throttling?: ThrottlingOptions;
  /** Lets anybody guess credentials at any rate, for a server behind something that slows them. */
  readonly dangerouslyDisableThrottling?: boolean;
  /** What the audit trail keeps, see {@link AuditOptions}. */
  readonly audit?: AuditOptions;
  /** How long a token request may take to arrive, 1 to 300 seconds; 10 unless given. */
  readonly requestTimeoutSeconds?: number;
  /**
   * Private networks in CIDR notation that keys may be fetched from (`jwks_uri`, trusted issuers), such as
   * `['10.0.0.0/8']`. None unless given; the loopback interface is open when the issuer is on it.
   */
  readonly allowedNetworks?: readonly string[];
  /**
   * What access tokens are signed with: `ES256`, `EdDSA` or `RS256`. Another one than before is rotated to. Unless
   * given, that of the current key, and `ES256` for the first.
   */
  readonly signingAlgorithm?: SigningAlgorithm;
  /** How long a signing key signs before the next one takes its place, 3600 to 31536000; 30 days unless given. */
  readonly signingKeyRotationSeconds?: number;
  /**
   * A signing key that stays in a key management service, instead of keys of the server's own. To change it, pass
   * the new one first and the old one second until the new one signs. Such keys are not rotated on schedule.
   */
  readonly signer?: ExternalSigner | readonly ExternalSigner[];
  /**
   * Demands that DPoP proofs carry a nonce, which bounds how long ahead they can be made; every client asks
   * twice for its first token then. False unless given.
   */
  readonly dpopNonces?: boolean;
  /**
   * Where the certificates of clients are seen, for tokens that are bound to them: this process ends TLS, or a
   * proxy passes them on in a header that it removes from what clients send. Nowhere unless given, and then no
   * client can be registered for such tokens in earnest.
   */
  readonly clientCertificate?: ClientCertificateOptions;
  /** After how long at most a revocation is known to all who check status lists, 10 to 3600; 60 unless given. */
  readonly statusListLifetimeSeconds?: number;
  /**
   * Serves the administrative API under `<issuer>/admin/v1`, protected by access tokens of this very server for
   * `<issuer>/admin` (`ensureBootstrapClient` makes the first administrator). False unless given.
   */
  readonly adminApi?: boolean;
}

/** The options once validated, with defaults filled in. */
export interface Configuration {
  readonly issuer: string;
  /** Scopes by canonical resource identifier. */
  readonly resources: ReadonlyMap<string, readonly string[]>;
  readonly database: DatabaseTarget;
  readonly secretKey: Uint8Array;
  readonly accessTokenLifetimeSeconds: number;
  readonly now: () => number;
  readonly onEvent: AuthorizationServerEventListener | undefined;
  readonly trustedProxies: readonly string[];
  /** None when failures are not slowed. */
  readonly throttling: ThrottlingRules | undefined;
  readonly audit: AuditRules;
  readonly requestTimeoutSeconds: number;
  readonly allowedNetworks: readonly string[];
  readonly signingAlgorithm: SigningAlgorithm | undefined;
  readonly signingKeyRotationSeconds: number;
  readonly signers: readonly SigningKey[];
  readonly statusListLifetimeSeconds: number;
  readonly adminApi: boolean;
  readonly dpopNonces: boolean;
  readonly clientCertificate: ClientCertificateOptions | undefined;
}

/** The names of the options. */
export const KNOWN_OPTIONS = [
  'issuer',
  'resources',
  'database',
  'secretKey',
  'accessTokenLifetimeSeconds',
  'now',
  'onEvent',
  'trustedProxies',
  'throttling',
  'dangerouslyDisableThrottling',
  'audit',
  'requestTimeoutSeconds',
  'allowedNetworks',
  'signingAlgorithm',
  'signingKeyRotationSeconds',
  'signer',
  'statusListLifetimeSeconds',
  'adminApi',
  'dpopNonces',
  'clientCertificate',
] as const satisfies readonly (keyof AuthorizationServerOptions)[];

/**
 * Validates the options.
 *
 * @throws TypeError naming the option and the mend; of several mistakes, each on a line of its own
 */
export function parseOptions(options: AuthorizationServerOptions): Configuration {
  const { read, refuse } = collectMistakes();
  read(() => assertKnownOptions(options, KNOWN_OPTIONS, 'createAuthorizationServer'));
  const given: AuthorizationServerOptions = options ?? {};
  const configuration = {
    issuer: read(() => parseIssuerIdentifier(given.issuer)),
    resources: read(() => parseResources(given.resources)),
    database: read(() => parseDatabase(given.database)),
    secretKey: read(() => parseSecretKey(given.secretKey)),
    accessTokenLifetimeSeconds: read(() => parseLifetime(given.accessTokenLifetimeSeconds ?? 300)),
    now: read(() => parseFunction(given.now, 'now')) ?? Date.now,
    onEvent: read(() => parseFunction(given.onEvent, 'onEvent')),
    trustedProxies: read(() => parseTrustedProxies(given.trustedProxies)),
    throttling: read(() => parseThrottlingChoice(given)),
    audit: read(() => parseAudit(given.audit)),
    requestTimeoutSeconds: read(() => parseRequestTimeout(given.requestTimeoutSeconds ?? 10)),
    allowedNetworks: read(() => parseNetworks(given.allowedNetworks ?? [])),
    signingAlgorithm: read(() => parseAlgorithmChoice(given)),
    signingKeyRotationSeconds: read(() =>
      parseSeconds(
        given.signingKeyRotationSeconds ?? 2_592_000,
        'signingKeyRotationSeconds',
        3600,
        31_536_000,
      ),
    ),
    signers: read(() => parseSigners(given.signer)),
    adminApi: read(() => parseBoolean(given.adminApi ?? false, 'adminApi')),
    dpopNonces: read(() => parseBoolean(given.dpopNonces ?? false, 'dpopNonces')),
    clientCertificate: read(() => parseClientCertificate(given.clientCertificate)),
    statusListLifetimeSeconds: read(() =>
      parseSeconds(given.statusListLifetimeSeconds ?? 60, 'statusListLifetimeSeconds', 10, 3600),
    ),
  };
  refuse();
  return configuration;
}

function parseThrottlingChoice(options: AuthorizationServerOptions): ThrottlingRules | undefined {
  const { throttling, dangerouslyDisableThrottling: disabled = false } = options;
  if (typeof disabled !== 'boolean') {
    throw new TypeError(
      `dangerouslyDisableThrottling must be true or false, received ${printable(disabled)}.`,
    );
  }
  if (disabled && throttling !== undefined) {
    throw new TypeError('throttling has no effect with dangerouslyDisableThrottling; leave one of them out.');
  }
  return disabled ? undefined : parseThrottling(throttling);
}

function parseAlgorithmChoice({
  signingAlgorithm,
  signer,
}: AuthorizationServerOptions): SigningAlgorithm | undefined {
  if (signingAlgorithm === undefined) return undefined;
  if (signer === undefined) return parseSigningAlgorithm(signingAlgorithm, 'signingAlgorithm');
  throw new TypeError('signingAlgorithm has no effect with signer, which names its own; leave it out.');
}

function parseSeconds(value: unknown, option: string, min: number, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new TypeError(
    `${option} must be a whole number from ${min} to ${max}, received ${printable(value)}.`,
  );
}

function parseBoolean(value: unknown, option: string): boolean {
  if (typeof value !== 'boolean') {
    throw new TypeError(`${option} must be true or false, received ${printable(value)}.`);
  }
  return value;
}

function parseClientCertificate(
  options: ClientCertificateOptions | undefined,
): ClientCertificateOptions | undefined {
  if (options !== undefined) createCertificateThumbprint(options);
  return options;
}

function parseNetworks(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.length === 0) return [];
  const networks = parseAddressList(value, 'allowedNetworks');
  return networks.map((network) =>
    network.includes('/') ? network : `${network}/${network.includes(':') ? 128 : 32}`,
  );
}

function parseRequestTimeout(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > 300) {
    throw new TypeError(
      `requestTimeoutSeconds must be a whole number from 1 to 300, received ${printable(value)}.`,
    );
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
