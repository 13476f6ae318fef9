import { untilAborted } from '../until-aborted.ts';
import type { Challenge } from '../www-authenticate.ts';
import type { AccessToken } from './access-token.ts';
import type { TokenTarget } from './acquire-token.ts';
import { createClientContext, type ClientContext } from './client-context.ts';
import type { DpopProver } from './dpop/dpop-prover.ts';
import { createInsufficientScopeAnswerer } from './scopes/answer-insufficient-scope.ts';
import { recognizeProvider } from './providers/recognize-provider.ts';
import { readServerParameters } from './providers/server-parameters.ts';
import { createUnauthorizedAnswerer } from './renewal/answer-unauthorized.ts';
import { createScopeSelection } from './scopes/scope-selection.ts';
import { createTokenKeeper } from './renewal/token-keeper.ts';
import { createFixedScopes } from './scopes/fixed-scopes.ts';
import { readTokenSourceOptions, type TokenSourceOptions } from './token-source-options.ts';

/** How one caller asks for a token. */
export interface GetTokenOptions {
  /** Ends this caller's wait; the token request goes on for the others. */
  readonly signal?: AbortSignal | undefined;
}

/** The resource's refusal of a token. */
export interface TokenRefusedReport {
  /** 401, or 403 with `error="insufficient_scope"`. */
  readonly status: 401 | 403;
  /** The challenge of the response that speaks of the resource, where there was one: for Bearer, if possible. */
  readonly challenge?: Challenge | undefined;
  /** Whether the request can be sent again; if not, an event says so. Default true. */
  readonly replayable?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Answers with a valid token for one MCP server, and learns from how the server takes it. */
export interface TokenSource {
  /** The MCP server, in canonical form. The token may be shown to no other. */
  readonly resource: string;
  /** Where its tokens are bound to a key: what proves possession of it. */
  readonly dpop?: DpopProver | undefined;
  /**
   * A token that is valid now. Fetched when there is none, renewed in the background before it expires.
   *
   * @throws TokenAcquisitionError, or the signal's reason
   */
  getToken(options?: GetTokenOptions): Promise<AccessToken>;
  /**
   * The token that `getToken` would answer with at once; `undefined` where it would have to be waited for. For
   * callers to whom a turn of the event loop is dear, such as `authorizedFetch`.
   */
  presentToken?(): AccessToken | undefined;
  /** The resource accepted a token. `authorizedFetch` reports this. */
  reportAccepted(token: AccessToken): void;
  /**
   * The resource refused a token. `authorizedFetch` reports this.
   *
   * @returns the token to try once more with; `undefined` where another token would not help
   * @throws TokenAcquisitionError after a 401 that no new token can be had for, or the signal's reason
   */
  reportRefused(token: AccessToken, report: TokenRefusedReport): Promise<AccessToken | undefined>;
}

/** What one source is for, beside what holds for its client. */
export interface TokenSourceTarget extends TokenTarget {
  /** The ceiling of scopes. */
  readonly scopes: readonly string[] | undefined;
  /** Exactly these are requested, whatever a server names. */
  readonly fixedScopes: readonly string[] | undefined;
}

/**
 * Creates the source of tokens for one MCP server.
 *
 * Discovers the token endpoint at first need, sends the credential to the pinned issuer only, keeps the
 * token in memory, and asks for one at a time: however many callers wait, one request is made. A failing
 * authorization server fails no caller while the current token lives.
 *
 * Does not read or verify the token: that is the MCP server's part. Does not resolve names: a host that
 * points into a private network is not noticed here, but by `createNodeFetch` of `@mcp-m2m/core/node`.
 *
 * @throws TypeError for a wrong option, naming it and the mend
 * @see {@link https://modelcontextprotocol.io/extensions/auth/oauth-client-credentials | MCP OAuth client credentials},
 *   {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4 | RFC 6749 §4.4}
 */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const settings = readTokenSourceOptions(options);
  const { resource, grant, scopes, provider, tokenParameters } = settings;
  const parameters = readServerParameters(provider, resource, tokenParameters);
  return createSource(createClientContext(settings), { resource, grant, scopes, ...parameters });
}

/** Creates a source that shares its context with others of the same client. */
export function createSource(context: ClientContext, target: TokenSourceTarget): TokenSource {
  const { settings, emit } = context;
  const { now, provider, dpop } = settings;
  const { resource } = target;
  const selection =
    target.fixedScopes === undefined
      ? createScopeSelection(target.scopes, now)
      : createFixedScopes(target.fixedScopes);
  const keeper = createTokenKeeper(context, target, selection);
  const unauthorized = createUnauthorizedAnswerer(
    resource,
    keeper,
    selection,
    now,
    emit,
    (provider ?? recognizeProvider(settings.issuer))?.tokenRefusedHint,
  );
  const answerInsufficientScope = createInsufficientScopeAnswerer(resource, keeper, selection, now, emit);
  if (settings.dangerouslyOmitResource) emit({ type: 'resource_omitted', resource });

  async function fetchToken(signal: AbortSignal | undefined): Promise<AccessToken> {
    const { held } = keeper;
    const wait = <T>(work: Promise<T>): Promise<T> =>
      signal === undefined ? work : untilAborted(work, signal);
    try {
      const standing = keeper.running === undefined ? keeper.standing() : undefined;
      const reason = held === undefined ? 'cold' : 'refresh';
      if (standing !== undefined) {
        const adopted = await wait(keeper.adopt(standing, reason));
        if (adopted !== undefined) return adopted;
        if (!(await wait(keeper.cured(standing)))) throw standing;
      }
      return await wait(keeper.renew(reason));
    } catch (error) {
      // The last seconds of a token are better than none.
      if (held !== undefined && now() < held.livesUntil && signal?.aborted !== true) return held.token;
      throw error;
    }
  }

  async function refreshInBackground(): Promise<void> {
    if (keeper.running !== undefined) return;
    const standing = keeper.standing();
    if (standing !== undefined) {
      if ((await keeper.adopt(standing, 'refresh')) !== undefined) return;
      if (!(await keeper.cured(standing))) return;
    }
    await keeper.renew('refresh');
  }

  function presentToken(): AccessToken | undefined {
    const { held } = keeper;
    const time = now();
    if (held === undefined || time >= held.usableUntil) return undefined;
    if (time >= held.refreshAt) refreshInBackground().catch(() => undefined);
    return held.token;
  }

  return {
    resource,
    dpop,
    async getToken({ signal } = {}) {
      signal?.throwIfAborted();
      return presentToken() ?? fetchToken(signal);
    },
    presentToken,
    reportAccepted: (token) => unauthorized.accepted(token),
    async reportRefused(token, { status, challenge, replayable = true, signal }) {
      const next =
        status === 401
          ? await unauthorized.answer(token, challenge, signal)
          : challenge === undefined
            ? undefined
            : await answerInsufficientScope(token, challenge, signal);
      if (next !== undefined && !replayable) emit({ type: 'not_replayable', resource, status });
      return next;
    },
  };
}
