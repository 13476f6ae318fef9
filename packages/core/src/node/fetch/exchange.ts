import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import type { ConnectionPool } from './connection-pool.ts';
import { NodeFetchError } from './node-fetch-error.ts';
import type { OutgoingRequest } from './outgoing-request.ts';

/** Methods that may be sent a second time without asking (RFC 9110 §9.2.2), where there is no body. */
const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Sends one request over the pool's connections and waits for the head of its answer.
 *
 * A request without effects that met a kept connection just as the server closed it is sent once more.
 *
 * @throws NodeFetchError, the signal's reason, or a TypeError with the network's failure as its cause
 */
export async function exchange(
  request: OutgoingRequest,
  pool: ConnectionPool,
  headersTimeoutMilliseconds: number,
): Promise<IncomingMessage> {
  const { signal } = request;
  for (let attempt = 1; ; attempt++) {
    const outgoing = start(request, pool);
    try {
      return await receiveHead(outgoing, request, headersTimeoutMilliseconds);
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      const stale =
        outgoing.reusedSocket &&
        (error as NodeJS.ErrnoException).code === 'ECONNRESET' &&
        request.body === undefined &&
        REPEATABLE.has(request.method);
      if (stale && attempt === 1 && !pool.closed) continue;
      if (pool.closed) throw new NodeFetchError('closed', 'This fetch was closed by its close().');
      throw error instanceof NodeFetchError ? error : new TypeError('fetch failed', { cause: error });
    }
  }
}

function start({ url, method, headers, body }: OutgoingRequest, pool: ConnectionPool): ClientRequest {
  const secure = url.protocol === 'https:';
  const fields: Record<string, string | number> = { host: url.host, ...Object.fromEntries(headers) };
  if (body instanceof Uint8Array) fields['content-length'] = body.byteLength;
  // Node.js frames no body of a DELETE by itself, and the next request would begin within it.
  else if (body !== undefined) fields['transfer-encoding'] = 'chunked';
  return (secure ? httpsRequest : httpRequest)({
    protocol: url.protocol,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (secure ? 443 : 80) : url.port,
    path: `${url.pathname}${url.search}`,
    method,
    headers: fields,
    agent: pool.agentFor(url.protocol),
    insecureHTTPParser: false,
  });
}

function receiveHead(
  outgoing: ClientRequest,
  { body, signal, url }: OutgoingRequest,
  headersTimeoutMilliseconds: number,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    let incoming: IncomingMessage | undefined;
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
      outgoing.destroy(error);
    };
    const abort = (): void => {
      const reason: unknown = signal?.reason;
      const error = reason instanceof Error ? reason : new DOMException('aborted', 'AbortError');
      if (incoming === undefined) fail(error);
      else incoming.destroy(error);
    };
    outgoing
      .on('error', fail)
      .once('finish', () => {
        if (incoming !== undefined || outgoing.destroyed) return;
        timer = setTimeout(
          () =>
            fail(
              new NodeFetchError(
                'headers_timeout',
                `No answer from ${url.host} within ${headersTimeoutMilliseconds} ms (headersTimeoutMilliseconds).`,
              ),
            ),
          headersTimeoutMilliseconds,
        );
      })
      .once('response', (response: IncomingMessage) => {
        clearTimeout(timer);
        incoming = response;
        resolve(response);
      })
      .once('close', () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      });
    signal?.addEventListener('abort', abort, { once: true });
    // It may have aborted while the request was prepared.
    if (signal?.aborted === true) abort();
    else if (body === undefined || body instanceof Uint8Array) outgoing.end(body);
    else {
      // A server may answer before it has read everything, and then not read the rest.
      pipeline(Readable.fromWeb(body as NodeReadableStream), outgoing).catch((error: Error) => {
        if (incoming === undefined) fail(error);
      });
    }
  });
}
