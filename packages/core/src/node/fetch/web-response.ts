import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { decodeBody } from './decoded-body.ts';
import { NodeFetchError } from './node-fetch-error.ts';

const WITHOUT_BODY = new Set([204, 205, 304]);

/**
 * Makes a standard `Response` of an answer of Node.js; its body is read from the connection as it is read.
 *
 * @throws NodeFetchError for a content coding that is refused, TypeError for what cannot be a `Response`
 */
export function toWebResponse(
  incoming: IncomingMessage,
  method: string,
  url: URL,
  redirected: boolean,
): Response {
  try {
    // Of a stream that has failed already, Node.js would make an empty one that ends well.
    if (incoming.destroyed) throw incoming.errored ?? new Error('the answer was cut off');
    const { statusCode: status = 0, statusMessage = '', rawHeaders } = incoming;
    const headers = new Headers();
    for (let index = 0; index < rawHeaders.length; index += 2) {
      headers.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
    }
    const bodiless = method === 'HEAD' || WITHOUT_BODY.has(status);
    const body = bodiless ? null : (Readable.toWeb(decodeBody(incoming)) as ReadableStream<Uint8Array>);
    // The rest of a connection's answer has to be read before it can be used again.
    if (bodiless) incoming.resume();
    const response = new Response(body, {
      status,
      statusText: /^[\t\x20-\x7e\x80-\xff]*$/.test(statusMessage) ? statusMessage : '',
      headers,
    });
    const described = new URL(url);
    described.hash = '';
    return Object.defineProperties(response, {
      url: { value: described.href },
      redirected: { value: redirected },
    });
  } catch (error) {
    incoming.destroy();
    // A status beyond 599, for one, is a RangeError.
    throw error instanceof NodeFetchError ? error : new TypeError('fetch failed', { cause: error });
  }
}
