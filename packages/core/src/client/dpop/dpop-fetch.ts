import { assertKnownOptions } from '../../known-options.ts';
import { isReplayable } from '../requests/replayable-request.ts';
import type { DpopProver } from './dpop-prover.ts';
import { demandsNonce, isNonceError } from './nonce-demand.ts';
import { createRecentEntries, type RecentEntries } from './recent-entries.ts';
import { readIssuedToken, readTokenAnswer, type TokenAnswer } from './token-answer.ts';
import { readTokenRequest } from './token-request-form.ts';

/** A standard `fetch`, as OAuth libraries and the SDK's transports take it. */
export type DpopFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** Options of {@link dpopFetch}. */
export interface DpopFetchOptions {
  /** Performs the requests. Default: the global `fetch`. */
  readonly fetch?: DpopFetch | undefined;
  /**
   * `'DPoP'` takes every token in an `Authorization: Bearer` header for one that is bound to the key: for tokens
   * that were obtained elsewhere, or before a restart. Default: those of answers that said so.
   */
  readonly tokenType?: 'DPoP' | undefined;
  /**
   * Refuses a token of another type given for a proof: the authorization server ignored it, and whoever finds the
   * token can use it. Default true.
   */
  readonly requireBound?: boolean | undefined;
}

const MOST_TOKENS = 1000;
const CREDENTIALS = /^(bearer|dpop) +(\S+)$/i;
/** Methods that `fetch` sends in upper case however they are written. */
const NORMALIZED_METHOD = /^(?:delete|get|head|options|post|put)$/i;

/**
 * Wraps the `fetch` of any OAuth flow so that its tokens are bound to a key, and are sent with proofs.
 *
 * Requests for a token (a posted form with `grant_type`) get a proof; requests with a token known to be bound get
 * the scheme `DPoP`, written `Bearer` by a flow that knows no other, and a proof for the token. Everything else
 * passes untouched, requests that already have a `DPoP` header included. A demand for a nonce is answered once, if
 * the body can be sent again; the second one is returned. Redirects of requests with a proof are not followed: the
 * 3xx is returned.
 *
 * Does not decide where a token may go: it goes where the flow sends it, and nowhere else. A form that comes as a
 * stream gets no proof. Answers of token endpoints are bounded to 65,536 bytes.
 *
 * @throws TypeError for a wrong argument; when called, {@link DpopError} for an answer that must not be used, and
 *   whatever the underlying `fetch` rejects with
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-5 | RFC 9449 §5, §7.1, §8 and §9},
 *   {@link https://github.com/modelcontextprotocol/modelcontextprotocol/pull/1932 | SEP-1932}
 */
export function dpopFetch(prover: DpopProver, options: DpopFetchOptions = {}): DpopFetch {
  assertArguments(prover, options);
  const { requireBound = true } = options;
  const boundTokens = boundTokensOf(prover);

  const findBoundToken = (authorization: string | null): string | undefined => {
    const [, scheme = '', token = ''] = CREDENTIALS.exec(authorization ?? '') ?? [];
    if (token === '') return undefined;
    const bound =
      scheme.toLowerCase() === 'dpop' || options.tokenType === 'DPoP' || boundTokens.get(token) === true;
    return bound ? token : undefined;
  };

  return async (input, init) => {
    const fetch = options.fetch ?? globalThis.fetch;
    const request = input instanceof Request ? input : undefined;
    // A URL can be changed while the proof is made: what is proved is what is sent.
    const url = input instanceof Request ? input.url : String(input);
    const target = request ?? url;
    const headers = new Headers(init?.headers ?? request?.headers);
    const method = init?.method ?? request?.method ?? 'GET';
    if (headers.has('dpop')) return fetch(input, init);
    const accessToken = findBoundToken(headers.get('authorization'));
    const form =
      accessToken === undefined && /^post$/i.test(method)
        ? await readTokenRequest(target, init, headers)
        : undefined;
    if (accessToken === undefined && form === undefined) return fetch(target, init);

    if (accessToken !== undefined) headers.set('authorization', `DPoP ${accessToken}`);
    const peer = accessToken === undefined ? 'authorization_server' : 'resource_server';
    const redirect = (init?.redirect ?? request?.redirect) === 'error' ? 'error' : 'manual';
    const body = form?.body === undefined ? {} : { body: form.body };
    const send = async (nonce: string | undefined): Promise<Response> => {
      const sent = new Headers(headers);
      const sentMethod = NORMALIZED_METHOD.test(method) ? method.toUpperCase() : method;
      sent.set('dpop', await prover.createProof({ method: sentMethod, url, accessToken, nonce }));
      return fetch(target, { ...init, ...body, headers: sent, redirect });
    };
    /** A nonce that is demanded, and was not the one sent. */
    const demandedNonce = (answer: TokenAnswer, sent: string | undefined): string | undefined => {
      const nonce = prover.noteResponse(url, answer.response.headers, peer);
      const { status, headers: received } = answer.response;
      const demanded =
        form === undefined ? demandsNonce(status, received) : isNonceError(status, answer.document);
      return demanded && nonce !== sent ? nonce : undefined;
    };
    const read = async (response: Response): Promise<TokenAnswer> =>
      form === undefined ? { response, document: undefined } : readTokenAnswer(url, response);

    const remembered = prover.nonceFor(url, peer);
    let answer = await read(await send(remembered));
    const nonce = demandedNonce(answer, remembered);
    if (nonce !== undefined && (form?.body !== undefined || isReplayable(target, init))) {
      answer.response.body?.cancel().catch(() => undefined);
      answer = await read(await send(nonce));
      prover.noteResponse(url, answer.response.headers, peer);
    }
    if (form !== undefined) {
      const issued = readIssuedToken(url, answer, requireBound);
      if (issued?.bound === true) boundTokens.set(issued.accessToken, true);
    }
    return answer.response;
  };
}

/** Tokens known to be bound to the key of a prover, whichever wrapper learnt it: a transport that reconnects has another. */
const BOUND_TOKENS = new WeakMap<DpopProver, RecentEntries<true>>();

function boundTokensOf(prover: DpopProver): RecentEntries<true> {
  const known = BOUND_TOKENS.get(prover) ?? createRecentEntries<true>(MOST_TOKENS);
  BOUND_TOKENS.set(prover, known);
  return known;
}

function assertArguments(prover: DpopProver, options: DpopFetchOptions): void {
  assertKnownOptions(options, ['fetch', 'tokenType', 'requireBound'], 'dpopFetch');
  if (typeof prover?.createProof !== 'function') {
    throw new TypeError('dpopFetch takes a prover: what createDpop(…) returns.');
  }
  if (options.fetch !== undefined && typeof options.fetch !== 'function') {
    throw new TypeError('fetch must be a function; leave it out for the global one.');
  }
  if (options.tokenType !== undefined && options.tokenType !== 'DPoP') {
    throw new TypeError('tokenType must be "DPoP"; leave it out to go by the answers of the token endpoint.');
  }
  if (options.requireBound !== undefined && typeof options.requireBound !== 'boolean') {
    throw new TypeError('requireBound must be true or false.');
  }
}
