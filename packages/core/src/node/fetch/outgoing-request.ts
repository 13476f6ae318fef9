import { printable } from '../../printable-text.ts';
import { NodeFetchError } from './node-fetch-error.ts';

/** A request as it goes onto the wire, once or, after a redirect, again. */
export interface OutgoingRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  /** Whole, or a stream that can be sent once. */
  readonly body: Uint8Array | ReadableStream<Uint8Array> | undefined;
  readonly redirect: 'follow' | 'manual' | 'error';
  readonly signal: AbortSignal | undefined;
}

/** Of the connection, not of the request: here the connection is kept, and the body's length is known or chunked. */
const CONNECTION_HEADERS = [
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/**
 * Reads what a `fetch` is called with, by the rules of the runtime's own `Request`. A body is read whole, save
 * for a stream and the body of a `Request`.
 *
 * @throws NodeFetchError `unsupported_url`; TypeError for what the runtime's `Request` refuses
 * @see {@link https://fetch.spec.whatwg.org/#request-class | Fetch, the Request class}
 */
export async function readOutgoingRequest(
  input: string | URL | Request,
  init: RequestInit = {},
): Promise<OutgoingRequest> {
  const url = parseTarget(input instanceof Request ? input.url : String(input));
  const { signal = input instanceof Request ? input.signal : undefined, ...rest } = init;
  signal?.throwIfAborted();
  const request = new Request(input instanceof Request ? input : url, rest);
  const headers = new Headers(request.headers);
  for (const name of CONNECTION_HEADERS) headers.delete(name);
  headers.set('accept-encoding', 'identity');
  if (!headers.has('accept')) headers.set('accept', '*/*');
  if (!headers.has('user-agent')) headers.set('user-agent', 'mcp-m2m');
  return {
    url,
    method: request.method,
    headers,
    body: request.body === null ? undefined : await takeBody(request, init.body),
    redirect: request.redirect,
    signal: signal ?? undefined,
  };
}

async function takeBody(
  request: Request,
  given: unknown,
): Promise<Uint8Array | ReadableStream<Uint8Array> | undefined> {
  const whole = given !== undefined && given !== null && !isStream(given);
  return whole ? new Uint8Array(await request.arrayBuffer()) : (request.body ?? undefined);
}

/** Anything that `Request` reads piece by piece: a stream, or another asynchronous iterable. */
function isStream(body: unknown): boolean {
  return body instanceof ReadableStream || Symbol.asyncIterator in Object(body);
}

function parseTarget(address: string): URL {
  const url = URL.parse(address);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new NodeFetchError(
      'unsupported_url',
      `This fetch takes absolute https and http URLs, received ${url === null ? 'none' : printable(url.protocol)}.`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new NodeFetchError(
      'unsupported_url',
      'A URL must not contain a user name or password; send an Authorization header instead.',
    );
  }
  return url;
}
