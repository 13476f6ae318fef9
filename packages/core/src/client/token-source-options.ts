import { parseIssuerIdentifier } from '../issuer-identifier.ts';
import type { Fetch } from '../bounded-document.ts';
import { assertKnownOptions } from '../known-options.ts';
import { parseResourceIdentifier } from '../resource-identifier.ts';
import { assertScopes } from '../scope.ts';
import {
  isClientAuthentication,
  type ClientAuthentication,
} from '../client-authentication/client-authentication.ts';
import type { TokenEventListener } from './token-event.ts';

/** Options of `createTokenSource`. */
export interface TokenSourceOptions {
  /** URL of the MCP server, as its metadata states it. */
  readonly resource: string | URL;
  /** The authorization server the credential belongs to. It is sent nowhere else. */
  readonly issuer: string | URL;
  /** The client's id at that authorization server. */
  readonly clientId: string;
  /** How the client proves who it is, for example `privateKeyJwt({ key, algorithm: 'ES256' })`. */
  readonly authentication: ClientAuthentication;
  /**
   * The scopes that may be requested, at most. Requested are those of them that the MCP server names in its
   * challenge or metadata (all, where it names none of them); a step-up adds others of them. Default: what
   * the server names; where only its metadata does and the authorization server refuses that, none.
   */
  readonly scopes?: readonly string[] | undefined;
  /** Performs discovery and token requests. Default: the global `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** The current time in milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Told of every token request and of what else an operator wants to know. */
  readonly onEvent?: TokenEventListener | undefined;
  /** Bound on one whole acquisition, discovery included, in milliseconds. Default 10,000. */
  readonly timeoutMilliseconds?: number | undefined;
  /** Further parameters of the token request, for example Auth0's `audience`. */
  readonly tokenParameters?: Readonly<Record<string, string>> | undefined;
  /**
   * Leaves the `resource` parameter out, for an authorization server that refuses it (Entra ID). The token
   * is then bound to this server by other means only, such as its scope. Reported once as an event.
   */
  readonly dangerouslyOmitResource?: boolean | undefined;
}

/** Validated options. */
export interface TokenSourceSettings {
  readonly resource: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly authentication: ClientAuthentication;
  readonly scopes: readonly string[] | undefined;
  readonly fetch: Fetch | undefined;
  readonly now: () => number;
  readonly onEvent: TokenEventListener | undefined;
  readonly timeoutMilliseconds: number;
  readonly tokenParameters: Readonly<Record<string, string>>;
  readonly omitResource: boolean;
}

const OPTION_NAMES: readonly (keyof TokenSourceOptions)[] = [
  'resource',
  'issuer',
  'clientId',
  'authentication',
  'scopes',
  'fetch',
  'now',
  'onEvent',
  'timeoutMilliseconds',
  'tokenParameters',
  'dangerouslyOmitResource',
];

/** Parameters that have an option of their own, or none on purpose. */
const RESERVED_PARAMETERS: Readonly<Record<string, string>> = {
  grant_type: 'this source uses client_credentials',
  resource: 'use the option resource',
  scope: 'use the option scopes',
  client_id: 'use the option clientId',
  client_secret: 'use the option authentication',
  client_assertion: 'use the option authentication',
  client_assertion_type: 'use the option authentication',
};

/**
 * Validates the options of a token source.
 *
 * @throws TypeError naming the option and the mend
 */
export function readTokenSourceOptions(options: TokenSourceOptions): TokenSourceSettings {
  assertKnownOptions(options, OPTION_NAMES, 'createTokenSource');
  const { clientId, authentication, scopes, timeoutMilliseconds = 10_000, tokenParameters = {} } = options;
  if (typeof clientId !== 'string' || clientId === '') {
    throw new TypeError('clientId must be a non-empty string: the id under which the client is registered.');
  }
  if (!isClientAuthentication(authentication)) {
    throw new TypeError(
      'authentication must be what privateKeyJwt(…), clientSecretBasic(…) or clientSecretPost(…) returns.',
    );
  }
  if (scopes !== undefined) assertScopes(scopes, 'scopes');
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
  assertTokenParameters(tokenParameters);
  return {
    resource: parseResourceIdentifier(options.resource),
    issuer: parseIssuerIdentifier(options.issuer),
    clientId,
    authentication,
    scopes: scopes === undefined ? undefined : [...new Set(scopes)],
    fetch: options.fetch,
    now: options.now ?? Date.now,
    onEvent: options.onEvent,
    timeoutMilliseconds,
    tokenParameters: { ...tokenParameters },
    omitResource: dangerouslyOmitResource,
  };
}

function assertTokenParameters(value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError('tokenParameters must be an object of strings, for example { audience: "…" }.');
  }
  for (const [name, content] of Object.entries(value)) {
    if (Object.hasOwn(RESERVED_PARAMETERS, name)) {
      throw new TypeError(`tokenParameters must not contain "${name}"; ${RESERVED_PARAMETERS[name]}.`);
    }
    if (typeof content !== 'string') throw new TypeError(`tokenParameters: "${name}" must be a string.`);
  }
}
