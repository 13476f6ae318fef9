import { assertKnownOptions } from '../../known-options.ts';
import { parseChallenges, type Challenge } from '../../www-authenticate.ts';
import type { AccessToken } from '../access-token.ts';
import { dpopFetch } from '../dpop/dpop-fetch.ts';
import { createUrlCoverage } from './covered-url.ts';
import { isReplayable } from './replayable-request.ts';
import { readResourceChallenge } from '../discovery/resource-challenge.ts';
import type { TokenSource } from '../token-source.ts';
import type { TokenSources } from '../token-sources.ts';

/** A standard `fetch`, as the SDK's transports take it. */
export type AuthorizedFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** Options of {@link authorizedFetch}. */
export interface AuthorizedFetchOptions {
  /** Performs the requests. Default: the global `fetch`. */
  readonly fetch?: AuthorizedFetch | undefined;
}

const SCHEMES: ReadonlySet<string> = new Set(['bearer', 'dpop']);
const PROOF_ERRORS: ReadonlySet<string> = new Set(['invalid_dpop_proof', 'use_dpop_nonce']);

/**
 * Wraps `fetch` so that requests to one MCP server carry its token; with the sources of several servers, each
 * gets its own.
 *
 * The token goes to URLs at or beneath the source's `resource` only; every other request passes untouched.
 * Redirects of a request with the token are not followed: the 3xx is returned. A 401 leads to one renewal,
 * a 403 `insufficient_scope` to one step-up, and the request is sent again; a body that can be read only
 * once (a stream, a `Request` with a body) goes once, and the source's `not_replayable` event says so. A
 * 403 of any other kind is returned as it came. A token that is bound to a key goes with a proof, and a nonce that
 * the server demands is put into it once.
 *
 * Replaces an `Authorization` header that the request already has.
 *
 * @throws TypeError for a wrong argument; when called, TokenAcquisitionError where there is no token, and
 *   whatever the underlying `fetch` rejects with
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization | MCP authorization, access token usage},
 *   {@link https://www.rfc-editor.org/rfc/rfc6750#section-2.1 | RFC 6750 §2.1},
 *   {@link https://www.rfc-editor.org/rfc/rfc9449#section-7.1 | RFC 9449 §7.1}
 */
export function authorizedFetch(
  tokens: TokenSource | TokenSources,
  options: AuthorizedFetchOptions = {},
): AuthorizedFetch {
  assertKnownOptions(options, ['fetch'], 'authorizedFetch');
  const find = toFinder(tokens);
  if (options.fetch !== undefined && typeof options.fetch !== 'function') {
    throw new TypeError('fetch must be a function; leave it out for the global one.');
  }
  const plainFetch: AuthorizedFetch = (input, init) => (options.fetch ?? globalThis.fetch)(input, init);
  const provingFetch = tokens.dpop === undefined ? plainFetch : dpopFetch(tokens.dpop, { fetch: plainFetch });
  return async (input, init) => {
    // A URL can be changed while the token is waited for: what is judged is what is sent.
    const target = input instanceof Request ? input : String(input);
    const source = find(typeof target === 'string' ? target : target.url);
    if (source === undefined) return plainFetch(input, init);
    const signal = init?.signal ?? (target instanceof Request ? target.signal : undefined);
    // To wait for what is there already costs more than all the rest.
    const present = signal?.aborted === true ? undefined : source.presentToken?.();
    const token = present ?? (await source.getToken({ signal }));
    const response = await provingFetch(target, withToken(target, init, token));
    const { ok, status } = response;
    if (ok || status === 403) source.reportAccepted(token);
    return status === 401 || status === 403
      ? answerRefusals(source, provingFetch, { input: target, init, signal, token, response })
      : response;
  };
}

/** A request that was sent, and its answer. */
interface Sent {
  readonly input: string | Request;
  readonly init: RequestInit | undefined;
  readonly signal: AbortSignal | undefined;
  readonly token: AccessToken;
  readonly response: Response;
}

async function answerRefusals(
  tokens: TokenSource,
  fetch: AuthorizedFetch,
  { input, init, signal, ...first }: Sent,
): Promise<Response> {
  const replayable = isReplayable(input, init);
  const answered = new Set<number>();
  let { token, response } = first;
  for (;;) {
    const refusal = readRefusal(response);
    if (refusal === undefined || answered.has(refusal.status)) return response;
    answered.add(refusal.status);
    const refused = response;
    const next = await tokens
      .reportRefused(token, { ...refusal, replayable, signal })
      .catch((error: unknown) => {
        discard(refused);
        throw error;
      });
    if (next === undefined || !replayable) return response;
    discard(response);
    token = next;
    response = await fetch(input, withToken(input, init, token));
    if (response.ok || response.status === 403) tokens.reportAccepted(token);
  }
}

function toFinder(tokens: TokenSource | TokenSources): (url: string) => TokenSource | undefined {
  if (typeof tokens === 'object' && tokens !== null) {
    if ('find' in tokens && typeof tokens.find === 'function') {
      let last: { readonly text: string; readonly url: URL | null } | undefined;
      return (text) => {
        if (last?.text !== text) last = { text, url: URL.parse(text) };
        return last.url === null ? undefined : tokens.find(last.url);
      };
    }
    if (
      'getToken' in tokens &&
      typeof tokens.getToken === 'function' &&
      typeof tokens.resource === 'string'
    ) {
      return createFinder(tokens);
    }
  }
  throw new TypeError(
    'authorizedFetch takes a token source: what createTokenSource(…) or createTokenSources(…) returns.',
  );
}

/** Most requests go where the last one went. */
function createFinder(tokens: TokenSource): (url: string) => TokenSource | undefined {
  const covers = createUrlCoverage(tokens.resource);
  let last: { readonly url: string; readonly covered: boolean } | undefined;
  return (url) => {
    if (last?.url !== url) {
      const parsed = URL.parse(url);
      last = { url, covered: parsed !== null && covers(parsed) };
    }
    return last.covered ? tokens : undefined;
  };
}

function withToken(
  input: string | Request,
  init: RequestInit | undefined,
  { tokenType, accessToken }: AccessToken,
): RequestInit {
  const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
  headers.set('authorization', `${tokenType} ${accessToken}`);
  if (headers.has('dpop')) headers.delete('dpop');
  const redirect = init?.redirect ?? (input instanceof Request ? input.redirect : undefined);
  return { ...init, headers, redirect: redirect === 'error' ? 'error' : 'manual' };
}

/** A refusal that another token may cure; one of the proof is not. */
function readRefusal(
  response: Response,
): { status: 401 | 403; challenge: Challenge | undefined } | undefined {
  const { status } = response;
  if (status !== 401 && status !== 403) return undefined;
  const challenges = parseChallenges(response.headers.get('www-authenticate') ?? '');
  if (status === 401) {
    const refusesProof = challenges.some(({ parameters: { error } }) => PROOF_ERRORS.has(error ?? ''));
    return refusesProof ? undefined : { status, challenge: readResourceChallenge(response) };
  }
  const challenge = challenges.find(
    ({ scheme, parameters }) =>
      SCHEMES.has(scheme.toLowerCase()) && parameters.error === 'insufficient_scope',
  );
  return challenge === undefined ? undefined : { status, challenge };
}

/** Frees the connection of an answer that nobody will read. */
function discard(response: Response): void {
  response.body?.cancel().catch(() => undefined);
}
