import type { Fetch } from '../bounded-document.ts';
import {
  isClientAuthentication,
  type ClientAuthentication,
} from '../client-authentication/client-authentication.ts';
import { parseIssuerIdentifier } from '../issuer-identifier.ts';
import { printable } from '../printable-text.ts';
import { assertScopes } from '../scope.ts';
import type { DpopProver } from './dpop/dpop-prover.ts';
import { isAuthorizationGrant, type AuthorizationGrant } from './grants/authorization-grant.ts';
import { clientCredentials } from './grants/client-credentials.ts';
import type { ProviderProfile } from './providers/provider-profile.ts';
import { isTokenStore, type TokenStore } from './store/token-store.ts';
import type { TokenEventListener } from './token-event.ts';
import { readTokenParameters } from './token-parameters.ts';

/** What holds for a client at one authorization server, whichever MCP servers it talks to. */
export interface TokenClientOptions {
  /**
   * The authorization server the credential belongs to. It is sent nowhere else. Needed unless `provider` can tell
   * it.
   */
  readonly issuer?: string | URL | undefined;
  /** The client's id at that authorization server. */
  readonly clientId: string;
  /**
   * How the client proves who it is, for example `privateKeyJwt({ key, algorithm: 'ES256' })`. Of several, in
   * order, the next is tried once where the server refuses one (`invalid_client`, or status 401), and the one that works
   * is remembered: a credential can be rotated while the client runs.
   */
  readonly authentication: ClientAuthentication | readonly ClientAuthentication[];
  /** By what right a token is asked for. Default: `clientCredentials()`. */
  readonly grant?: AuthorizationGrant | undefined;
  /** What the identity provider wants that the specifications do not say, such as `auth0({ audience })`. */
  readonly provider?: ProviderProfile | undefined;
  /**
   * The scopes that may be requested, at most. Requested are those of them that the MCP server names in its
   * challenge or metadata (all, where it names none of them); a step-up adds others of them. Default: what
   * the server names; where only its metadata does and the authorization server refuses that, none. Not beside a
   * `provider` that has scopes of its own.
   */
  readonly scopes?: readonly string[] | undefined;
  /** Binds the tokens to a key: what `createDpop()` returns. Default: Bearer tokens. */
  readonly dpop?: DpopProver | undefined;
  /** Where tokens are shared with other objects or processes. Default: each object keeps its own in memory. */
  readonly store?: TokenStore | undefined;
  /** Performs discovery and token requests. Default: the global `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** The current time in milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Told of every token request and of what else an operator wants to know. */
  readonly onEvent?: TokenEventListener | undefined;
  /** Bound on one whole acquisition, discovery included, in milliseconds. Default 10,000. */
  readonly timeoutMilliseconds?: number | undefined;
  /** Further parameters of the token request; those of `provider` give way to them. */
  readonly tokenParameters?: Readonly<Record<string, string>> | undefined;
  /**
   * Leaves the `resource` parameter out, for an authorization server that refuses it. The token is then bound to
   * this server by other means only, such as its scope. Reported once as an event.
   */
  readonly dangerouslyOmitResource?: boolean | undefined;
}

/** Validated {@link TokenClientOptions}. */
export interface TokenClientSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly authentications: readonly [ClientAuthentication, ...ClientAuthentication[]];
  readonly grant: AuthorizationGrant;
  readonly provider: ProviderProfile | undefined;
  readonly scopes: readonly string[] | undefined;
  readonly dpop: DpopProver | undefined;
  readonly store: TokenStore | undefined;
  readonly fetch: Fetch | undefined;
  readonly now: () => number;
  readonly onEvent: TokenEventListener | undefined;
  readonly timeoutMilliseconds: number;
  /** Without those of `provider`. */
  readonly tokenParameters: Readonly<Record<string, string>>;
  readonly omitResource: boolean;
  /** Whether that was asked for by the option, and so is to be reported. */
  readonly dangerouslyOmitResource: boolean;
}

/** The names of {@link TokenClientOptions}. */
export const TOKEN_CLIENT_OPTION_NAMES: readonly (keyof TokenClientOptions)[] = [
  'issuer',
  'clientId',
  'authentication',
  'grant',
  'provider',
  'scopes',
  'dpop',
  'store',
  'fetch',
  'now',
  'onEvent',
  'timeoutMilliseconds',
  'tokenParameters',
  'dangerouslyOmitResource',
];

/**
 * Validates what holds for the client; names are the caller's part.
 *
 * @throws TypeError naming the option and the mend
 */
export function readTokenClientOptions(options: TokenClientOptions): TokenClientSettings {
  const { clientId, provider, dpop, store, timeoutMilliseconds = 10_000 } = options;
  if (typeof clientId !== 'string' || clientId === '') {
    throw new TypeError('clientId must be a non-empty string: the id under which the client is registered.');
  }
  for (const name of ['fetch', 'now', 'onEvent'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') {
      throw new TypeError(`${name} must be a function; leave it out for the default.`);
    }
  }
  // setTimeout, which is behind every time-out, counts in 32 bits.
  if (!Number.isInteger(timeoutMilliseconds) || timeoutMilliseconds < 1 || timeoutMilliseconds > 0x7fffffff) {
    throw new TypeError(
      'timeoutMilliseconds must be a whole number of milliseconds, at least 1; 10000 is the default.',
    );
  }
  const { dangerouslyOmitResource = false } = options;
  if (typeof dangerouslyOmitResource !== 'boolean')
    throw new TypeError('dangerouslyOmitResource must be true or false.');
  if (dpop !== undefined && typeof dpop?.createProof !== 'function') {
    throw new TypeError('dpop must be what createDpop(…) returns.');
  }
  if (store !== undefined && !isTokenStore(store)) {
    throw new TypeError('store must be what createMemoryTokenStore(…) or createRedisTokenStore(…) returns.');
  }
  const grant = options.grant ?? clientCredentials();
  assertGrant(grant);
  assertProvider(provider);
  const issuer = parseIssuerIdentifier(options.issuer ?? provider?.issuer);
  if (provider?.issuer !== undefined && provider.issuer !== issuer) {
    throw new TypeError(
      `issuer must be ${printable(provider.issuer)}, the one of the ${provider.provider} profile, or be left out; received ${printable(issuer)}.`,
    );
  }
  const authentications = readAuthentications(options.authentication);
  assertAuthenticationMethods(authentications, provider);
  return {
    issuer,
    clientId,
    authentications,
    grant,
    provider,
    scopes: readScopes(options.scopes, provider),
    dpop,
    store,
    fetch: options.fetch,
    now: options.now ?? Date.now,
    onEvent: options.onEvent,
    timeoutMilliseconds,
    tokenParameters: readTokenParameters(options.tokenParameters),
    omitResource: dangerouslyOmitResource || provider?.omitResource === true,
    dangerouslyOmitResource,
  };
}

/** @throws TypeError */
export function readScopes(
  scopes: unknown,
  provider: ProviderProfile | undefined,
): readonly string[] | undefined {
  if (scopes === undefined) return undefined;
  assertScopes(scopes, 'scopes');
  if (provider?.scopes !== undefined) {
    const own = typeof provider.scopes === 'function' ? '' : `, ${printable(provider.scopes.join(' '))}`;
    throw new TypeError(
      `scopes must be left out: the ${provider.provider} profile requests exactly its own${own}.`,
    );
  }
  return [...new Set(scopes)];
}

/** @throws TypeError */
export function assertGrant(grant: unknown): asserts grant is AuthorizationGrant {
  if (isAuthorizationGrant(grant)) return;
  throw new TypeError(
    'grant must be what clientCredentials(), jwtBearer(…) or another of their kind returns.',
  );
}

function readAuthentications(
  value: ClientAuthentication | readonly ClientAuthentication[],
): readonly [ClientAuthentication, ...ClientAuthentication[]] {
  const [first, ...others] = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  if (isClientAuthentication(first) && others.every(isClientAuthentication)) return [first, ...others];
  throw new TypeError(
    'authentication must be what privateKeyJwt(…), clientSecretBasic(…) or another of their kind returns, or several of them in an array.',
  );
}

function assertProvider(provider: ProviderProfile | undefined): void {
  if (provider === undefined) return;
  if (typeof provider !== 'object' || provider === null || typeof provider.hintFor !== 'function') {
    throw new TypeError('provider must be what auth0(…), entraId(…) or another profile returns.');
  }
}

function assertAuthenticationMethods(
  authentications: readonly ClientAuthentication[],
  provider: ProviderProfile | undefined,
): void {
  const methods = provider?.authenticationMethods;
  const missing = authentications.find(({ method }) => methods?.includes(method) === false);
  if (missing === undefined) return;
  throw new TypeError(
    `authentication must be one of ${methods?.join(', ')}, which is all that ${provider?.provider} has; received ${missing.method}.`,
  );
}
