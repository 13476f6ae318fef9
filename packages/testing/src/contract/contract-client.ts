import { AssertionError } from 'node:assert';
import { request as httpRequest, type Agent, type ClientRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** One request, sent as it is written: no path is resolved, no header joined. */
export interface SentRequest {
  readonly method?: string;
  /** The target as it goes on the wire. */
  readonly path: string;
  /** A list sends a header several times. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** A text is sent with its length, a list in chunks of unknown length. */
  readonly body?: string | Uint8Array | readonly (string | Uint8Array)[];
  /** Default: a connection of its own. */
  readonly agent?: Agent;
}

/** Methods that come without a body as a rule. */
export const BODILESS_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS']);

/** One answer. */
export interface ReceivedAnswer {
  readonly status: number;
  /** By lower-case name; values of a header that came several times stand on lines of their own. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Opens a request, whose head can still be changed; the caller writes the body, and ends or destroys it. */
export function openRequest(origin: string, sent: SentRequest, timeoutMilliseconds: number): ClientRequest {
  const { method = 'POST', path, headers = {}, agent = false } = sent;
  const { hostname: host, port } = new URL(origin);
  const request = httpRequest({ host, port, method, path, agent, timeout: timeoutMilliseconds });
  request.on('timeout', () => {
    const message = `${method} ${path}: the connection was silent for ${timeoutMilliseconds} milliseconds.`;
    request.destroy(new AssertionError({ message, operator: 'adapterContract' }));
  });
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) request.setHeader(name, value);
  }
  return request;
}

/** Sends a request, and leaves its answer to be read. */
export function startRequest(origin: string, sent: SentRequest, timeoutMilliseconds: number): ClientRequest {
  const { body = '' } = sent;
  const request = openRequest(origin, sent, timeoutMilliseconds);
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const length = Buffer.byteLength(body);
    if (length > 0 || !BODILESS_METHODS.has(request.method)) request.setHeader('Content-Length', length);
    request.end(body);
  } else {
    request.setHeader('Transfer-Encoding', 'chunked');
    request.flushHeaders();
    for (const chunk of body) request.write(chunk);
    request.end();
  }
  return request;
}

/** Waits for the head of the answer. What happens to the rest of the request after it is of no interest. */
export function receiveHead(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve).on('error', reject);
  });
}

/** Reads an answer to its end. */
export async function readAnswer(response: IncomingMessage): Promise<ReceivedAnswer> {
  return { status: response.statusCode ?? 0, headers: readHeaders(response), body: await text(response) };
}

/** Headers by lower-case name; values of one that came several times stand on lines of their own. */
export function readHeaders({ rawHeaders }: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    headers[name] = name in headers ? `${headers[name]}\n${value}` : value;
  }
  return headers;
}
