import type { IncomingRequest, RequestHeaders } from '../server/index.ts';

// Most headers are never asked for, and to copy them all costs more than a known token.
const LOOK_UP: ProxyHandler<Headers> = {
  get: (headers, name) => (typeof name === 'string' ? (headers.get(name) ?? undefined) : undefined),
};

/**
 * Describes a `Request` to a resource server. Of its URL the path and the query count: whose host it names was
 * the client's to say. Repeated headers are joined by commas, as `Headers` are.
 */
export function toIncomingRequest(
  { method, url, headers }: Request,
  clientCertificate: Uint8Array | undefined,
): IncomingRequest {
  const lookedUp = new Proxy(headers, LOOK_UP) as unknown as RequestHeaders;
  return { method, url: targetOf(url), headers: lookedUp, clientCertificate };
}

/** Path and query as they stand in a URL; taking it apart would write some paths anew. */
export function targetOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('//') + 2);
  const target = start === -1 ? '/' : url.slice(start);
  const fragment = target.indexOf('#');
  return fragment === -1 ? target : target.slice(0, fragment);
}
