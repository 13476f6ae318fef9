import type { Fetch } from '../bounded-document.ts';
import { assertKnownOptions } from '../known-options.ts';
import { parseSecureUrl } from '../secure-url.ts';
import type { AccessOptions } from './access/access-options.ts';
import type { DecisionListener } from './decision.ts';
import type { AuthorizationServerResolver } from './issuer-resolutions.ts';
import { assertMetadataSigningOptions, type MetadataSigningOptions } from './metadata/signed-metadata.ts';
import type { IsRevoked } from './revocation/revocation-check.ts';
import type { ClientCertificateOptions } from './sender-constraint/client-certificate.ts';
import type { DpopOptions } from './sender-constraint/dpop-options.ts';
import type { AuthorizationServerOptions } from './trusted-issuer.ts';

/** How a protected MCP server is described. */
export interface ResourceServerOptions {
  /**
   * Identifier of this MCP server: the https URL clients connect to. Tokens must name it as their audience.
   * http is accepted on loopback only.
   */
  readonly resource: string | URL;
  /** The authorization servers whose tokens are accepted: issuer identifiers, at least one. */
  readonly authorizationServers: readonly (string | AuthorizationServerOptions)[];
  /** Finds authorization servers that are not listed, by the issuer that a token names. */
  readonly resolveAuthorizationServer?: AuthorizationServerResolver;
  /** Who may do what. Default: every verified token may do everything. */
  readonly access?: AccessOptions;
  /** DPoP proofs of possession; `false` switches them off, and bound tokens are then refused. Default: checked. */
  readonly dpop?: DpopOptions | false;
  /** Where client certificates come from, for tokens that are bound to one. Default: the TLS connection. */
  readonly clientCertificate?: ClientCertificateOptions;
  /**
   * The URL that DPoP proofs name, where a proxy rewrites paths. Default: the origin of `resource` and the
   * path as received.
   */
  readonly publicUrl?: string;
  /** Tells whether a token was withdrawn. Asked on every request. */
  readonly isRevoked?: IsRevoked;
  /**
   * Token status lists, for tokens that name one: further origins at which an issuer's lists may be, beside its
   * own. `false` ignores the claim `status`. Default: checked.
   */
  readonly statusLists?: { readonly origins?: readonly string[] } | false;
  /** Bounds of the cache of verified tokens. Default: 10,000 tokens and 32 MiB. */
  readonly tokenCache?: { readonly maxEntries?: number; readonly maxBytes?: number };
  /** Signs the metadata document. Default: unsigned. */
  readonly signedMetadata?: MetadataSigningOptions;
  /** Name of this server for people, published in the metadata. */
  readonly resourceName?: string;
  /** Address of documentation for developers, published in the metadata. */
  readonly resourceDocumentation?: string;
  /** How far an issuer's clock may be off, in seconds, 0 to 300. Default 30. */
  readonly clockToleranceSeconds?: number;
  /** Budget for fetching an issuer's metadata and keys together, in milliseconds, 100 to 10,000. Default 2500. */
  readonly timeoutMilliseconds?: number;
  /** How long an issuer's last good keys are used while it cannot be reached, in seconds. Default 86,400. */
  readonly staleIfErrorSeconds?: number;
  /** Told of every decision, for logs and metrics. Must not throw; what it throws is dropped. */
  readonly onDecision?: DecisionListener;
  /** Fetches metadata and keys. Default: the global `fetch`. */
  readonly fetch?: Fetch;
  /** Current time in milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number;
}

const KNOWN: readonly (keyof ResourceServerOptions)[] = [
  'resource',
  'authorizationServers',
  'resolveAuthorizationServer',
  'access',
  'dpop',
  'clientCertificate',
  'publicUrl',
  'isRevoked',
  'statusLists',
  'tokenCache',
  'signedMetadata',
  'resourceName',
  'resourceDocumentation',
  'clockToleranceSeconds',
  'timeoutMilliseconds',
  'staleIfErrorSeconds',
  'onDecision',
  'fetch',
  'now',
];

/** The plain options with their defaults; what has a validator of its own is read where it is used. */
export interface ResourceServerSettings {
  readonly now: () => number;
  readonly fetch: Fetch;
  readonly clockToleranceSeconds: number;
  readonly timeoutMilliseconds: number;
  readonly staleIfErrorSeconds: number;
  readonly publicUrl: string | undefined;
  /** `undefined` where status lists are not checked. */
  readonly statusListOrigins: readonly string[] | undefined;
}

/**
 * Refuses wrong options at construction and fills in defaults.
 *
 * @throws TypeError naming the option and the mend
 */
export function readResourceServerOptions(options: ResourceServerOptions): ResourceServerSettings {
  assertKnownOptions(options, KNOWN, 'mcpAuth');
  const { authorizationServers, statusLists = {}, tokenCache = {} } = options;
  if (!Array.isArray(authorizationServers) || authorizationServers.length === 0) {
    throw new TypeError(
      'authorizationServers must be an array with at least one issuer, such as ["https://auth.example.com"].',
    );
  }
  assertFunctions(options);
  assertTexts(options);
  assertKnownOptions(tokenCache, ['maxEntries', 'maxBytes'], 'tokenCache');
  assertMetadataSigningOptions(options.signedMetadata);
  readNumber(tokenCache.maxEntries, 'tokenCache.maxEntries', { min: 0, max: 10_000_000, byDefault: 0 });
  readNumber(tokenCache.maxBytes, 'tokenCache.maxBytes', { min: 0, max: 2 ** 32, byDefault: 0 });
  const seconds = { min: 0, max: 300, byDefault: 30 };
  return {
    now: options.now ?? Date.now,
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    clockToleranceSeconds: readNumber(options.clockToleranceSeconds, 'clockToleranceSeconds', seconds),
    timeoutMilliseconds: readNumber(options.timeoutMilliseconds, 'timeoutMilliseconds', {
      min: 100,
      max: 10_000,
      byDefault: 2500,
    }),
    staleIfErrorSeconds: readNumber(options.staleIfErrorSeconds, 'staleIfErrorSeconds', {
      min: 0,
      max: 604_800,
      byDefault: 86_400,
    }),
    publicUrl:
      options.publicUrl === undefined ? undefined : parseSecureUrl(options.publicUrl, 'publicUrl').href,
    statusListOrigins: readStatusListOrigins(statusLists),
  };
}

function readStatusListOrigins(
  statusLists: NonNullable<ResourceServerOptions['statusLists']>,
): readonly string[] | undefined {
  if (statusLists === false) return undefined;
  assertKnownOptions(statusLists, ['origins'], 'statusLists');
  const { origins = [] } = statusLists;
  if (!Array.isArray(origins)) throw new TypeError('statusLists.origins must be an array of origins.');
  return origins.map((origin) => parseSecureUrl(origin, 'statusLists.origins').origin);
}

function assertFunctions(options: ResourceServerOptions): void {
  for (const name of ['onDecision', 'fetch', 'now', 'isRevoked', 'resolveAuthorizationServer'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') {
      throw new TypeError(`${name} must be a function.`);
    }
  }
}

function assertTexts(options: ResourceServerOptions): void {
  for (const name of ['resourceName', 'resourceDocumentation'] as const) {
    if (options[name] !== undefined && (typeof options[name] !== 'string' || options[name] === '')) {
      throw new TypeError(`${name} must be a text.`);
    }
  }
}

function readNumber(
  value: unknown,
  option: string,
  { min, max, byDefault }: { readonly min: number; readonly max: number; readonly byDefault: number },
): number {
  if (value === undefined) return byDefault;
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw new TypeError(`${option} must be a number from ${min} to ${max}.`);
  }
  return value;
}
