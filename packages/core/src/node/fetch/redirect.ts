import type { IncomingMessage } from 'node:http';
import { NodeFetchError } from './node-fetch-error.ts';
import type { OutgoingRequest } from './outgoing-request.ts';

/** As many as the Fetch standard follows. */
export const MOST_REDIRECTS = 20;

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * The request that a redirect asks for, if it is one to follow; `undefined` where the answer is to be handed on
 * as it is.
 *
 * Only the request's own origin is followed to: another one would be sent what was meant for this.
 *
 * @throws NodeFetchError `redirect_refused`
 * @see {@link https://fetch.spec.whatwg.org/#http-redirect-fetch | Fetch, HTTP-redirect fetch}
 */
export function followRedirect(
  request: OutgoingRequest,
  { statusCode = 0, headers: { location } }: IncomingMessage,
  followed: number,
): OutgoingRequest | undefined {
  const { url, method, redirect, body } = request;
  if (!REDIRECTS.has(statusCode) || redirect === 'manual') return undefined;
  const refuse = (why: string): NodeFetchError =>
    new NodeFetchError(
      'redirect_refused',
      `${url.host} answers with a redirect (status ${statusCode}), and ${why}.`,
    );
  if (redirect === 'error') throw refuse("the request's redirect mode is error");
  if (location === undefined) return undefined;
  const next = URL.parse(location, url.href);
  if (next === null || next.origin !== url.origin || next.username !== '' || next.password !== '') {
    throw refuse('its location is not on the same origin');
  }
  if (followed >= MOST_REDIRECTS) throw refuse(`${MOST_REDIRECTS} were followed before it`);
  if (next.hash === '') next.hash = url.hash;
  const becomesGet =
    (statusCode === 303 && method !== 'GET' && method !== 'HEAD') ||
    ((statusCode === 301 || statusCode === 302) && method === 'POST');
  if (!becomesGet) {
    if (body instanceof ReadableStream) throw refuse('the request has a stream, which goes once');
    return { ...request, url: next };
  }
  const headers = new Headers(request.headers);
  for (const name of ['content-encoding', 'content-language', 'content-location', 'content-type']) {
    headers.delete(name);
  }
  return { ...request, url: next, method: 'GET', headers, body: undefined };
}
