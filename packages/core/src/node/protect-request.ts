import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authenticated, HttpAnswer, ResourceServer } from '../server/index.ts';
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
  readonly answer: HttpAnswer;
}

/** What {@link protectRequest} is told beside the request. */
export interface ProtectRequestOptions {
  /** Path and query as received. Default: `request.url`. */
  readonly url?: string;
  /** The body, where a parser has read it already; `undefined` where none has. */
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
 * @returns the caller and the body, or the answer to write
 */
export async function protectRequest(
  server: ResourceServer,
  request: IncomingMessage,
  response: ServerResponse,
  options: ProtectRequestOptions = {},
): Promise<Protected | Answered> {
  const incoming = toIncomingRequest(request, options.url);
  const preflight = server.answerPreflight(incoming);
  if (preflight !== undefined) return { ok: false, answer: preflight };
  const authenticated = await server.authenticate(incoming);
  if (!authenticated.ok) return { ok: false, answer: authenticated };
  const { caller, headers } = authenticated;
  let parsedBody: unknown;
  if (hasBody(request)) {
    ({ parsedBody } = options);
    if (parsedBody === undefined) {
      const body = await readRequestBody(request);
      if (body.outcome === 'read') parsedBody = body.value;
      else if (body.outcome !== 'empty') {
        return { ok: false, answer: authenticated.refuseBody(REASONS[body.outcome]) };
      }
    }
  }
  const authorized = authenticated.authorize(parsedBody);
  if (!authorized.ok) return { ok: false, answer: authorized };
  if (opensSession(parsedBody)) watchOpenedSession(response, authenticated.bindSession);
  return { ok: true, caller, headers, parsedBody };
}

const REASONS = {
  not_json: 'body_not_json',
  aborted: 'body_not_json',
  media_type: 'media_type_not_supported',
  second_token: 'credentials_repeated',
  too_large: 'body_too_large',
} as const;

/** Whatever the method: a body that nobody judged must not reach a handler. */
function hasBody({ method, headers, httpVersionMajor }: IncomingMessage): boolean {
  if (!MOSTLY_BODILESS.has(method) || httpVersionMajor > 1) return true;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function opensSession(body: unknown): boolean {
  const messages: readonly unknown[] = Array.isArray(body) ? body : [body];
  return messages.some((message) => (message as { method?: unknown } | undefined)?.method === 'initialize');
}
