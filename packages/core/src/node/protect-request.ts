import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authenticated, HttpAnswer, Refusal, ResourceServer } from '../server/index.ts';
import { bodyRefusalReason, judgeParsedBody, type BodyFault } from '../server/request-body-bytes.ts';
import { opensSession } from '../server/session-header.ts';
import { toIncomingRequest } from './incoming-request.ts';
import { watchOpenedSession } from './opened-session.ts';
import { readRequestBody } from './request-body.ts';

/** A request that may be served, with its body parsed where it has one. */
export interface Protected extends Pick<Authenticated, 'ok' | 'caller' | 'headers'> {
  /** The value that was judged: the handler must be given this one. */
  readonly parsedBody: unknown;
}

/** A request that must not be served, and what to answer. */
export interface Answered {
  readonly ok: false;
  readonly answer: HttpAnswer | Refusal;
}

/** What {@link protectRequest} is told beside the request. */
export interface ProtectRequestOptions {
  /** Path and query as received. Default: `request.url`. */
  readonly url?: string;
  /** The body, where a parser has read the stream already; not believed where nobody has. */
  readonly parsedBody?: unknown;
}

// Methods that come without a body as a rule: the standalone stream and the end of a session.
const MOSTLY_BODILESS: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS']);

/**
 * Takes a Node.js request through both steps of a resource server: the caller first, then, and only then,
 * the body and what it asks for.
 *
 * A body that nobody has parsed is read, at most 4 MiB of it, and put back into the stream. A session that
 * the response opens is tied to its caller.
 *
 * Answers without a promise when nothing has to be waited for: a known token and a parsed body.
 *
 * @returns the caller and the body, or the answer to write
 */
export function protectRequest(
  server: ResourceServer,
  request: IncomingMessage,
  response: ServerResponse,
  options: ProtectRequestOptions = {},
): Protected | Answered | Promise<Protected | Answered> {
  const authenticated = authenticateRequest(server, request, options.url);
  return authenticated instanceof Promise
    ? authenticated.then((verdict) => settle(verdict, request, response, options.parsedBody))
    : settle(authenticated, request, response, options.parsedBody);
}

function settle(
  verdict: Authenticated | Answered,
  request: IncomingMessage,
  response: ServerResponse,
  parsedBody: unknown,
): Protected | Answered | Promise<Protected | Answered> {
  return verdict.ok ? authorizeRequest(verdict, request, response, parsedBody) : verdict;
}

/**
 * The first step of {@link protectRequest} alone, for frameworks that parse the body between the two: who calls?
 * Does not look at the body, nor at what it asks for: that is {@link authorizeRequest}.
 *
 * @param url - path and query as received. Default: `request.url`
 * @returns what the second step takes, or the answer to write; without a promise for a known token
 */
export function authenticateRequest(
  server: ResourceServer,
  request: IncomingMessage,
  url?: string,
): Authenticated | Answered | Promise<Authenticated | Answered> {
  const incoming = toIncomingRequest(request, url);
  const preflight = server.answerPreflight(incoming);
  if (preflight !== undefined) return { ok: false, answer: preflight };
  const verdict = server.authenticate(incoming);
  return verdict instanceof Promise ? verdict.then(toAnswered) : toAnswered(verdict);
}

function toAnswered(verdict: Authenticated | Refusal): Authenticated | Answered {
  return verdict.ok ? verdict : { ok: false, answer: verdict };
}

/**
 * The second step of {@link protectRequest} alone: may the caller do what the body asks for?
 *
 * @param authenticated - of {@link authenticateRequest}, for the same request
 * @param parsedBody - the body, where a parser has read the stream already; not believed where nobody has
 * @returns the caller and the body, or the answer to write; without a promise for a parsed body
 */
export function authorizeRequest(
  authenticated: Authenticated,
  request: IncomingMessage,
  response: ServerResponse,
  parsedBody?: unknown,
): Protected | Answered | Promise<Protected | Answered> {
  if (!hasBody(request)) return authorize(authenticated, response, undefined);
  if (request.readableDidRead) {
    // What somebody read and did not hand on cannot be judged, and a handler may have it all the same.
    if (parsedBody === undefined) return refuseBody(authenticated, 'not_json');
    const fault = judgeParsedBody(parsedBody, request.headers['content-type']);
    return fault === undefined
      ? authorize(authenticated, response, parsedBody)
      : refuseBody(authenticated, fault);
  }
  // A body beside a stream that nobody read did not come from it: the stream is what a handler may read.
  return readRequestBody(request).then((body) => {
    if (body.outcome === 'read') return authorize(authenticated, response, body.value);
    if (body.outcome === 'empty') return authorize(authenticated, response, undefined);
    return refuseBody(authenticated, body.outcome);
  });
}

function refuseBody(authenticated: Authenticated, fault: BodyFault): Answered {
  return { ok: false, answer: authenticated.refuseBody(bodyRefusalReason(fault)) };
}

function authorize(
  { authorize: judgeBody, bindSession, caller, headers }: Authenticated,
  response: ServerResponse,
  parsedBody: unknown,
): Protected | Answered {
  const authorized = judgeBody(parsedBody);
  if (!authorized.ok) return { ok: false, answer: authorized };
  if (opensSession(parsedBody)) watchOpenedSession(response, bindSession);
  return { ok: true, caller, headers, parsedBody };
}

/** Whatever the method: a body that nobody judged must not reach a handler. */
function hasBody({ method, headers, httpVersionMajor }: IncomingMessage): boolean {
  if (!MOSTLY_BODILESS.has(method) || httpVersionMajor > 1) return true;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
