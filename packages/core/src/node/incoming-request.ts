import type { IncomingMessage } from 'node:http';
import type { IncomingRequest, RequestHeaders } from '../server/index.ts';
import { clientCertificateOf } from './client-certificate.ts';

/**
 * Describes a Node.js request to a resource server, of HTTP/1 or HTTP/2. Repeated headers are kept apart where
 * Node.js would drop one, and are joined by commas otherwise.
 *
 * @param request - the request
 * @param url - target as received; frameworks that rewrite `request.url` keep the original elsewhere
 */
export function toIncomingRequest(request: IncomingMessage, url = request.url ?? '/'): IncomingRequest {
  return {
    method: request.method ?? 'GET',
    url: url.startsWith('/') ? url : withoutOrigin(url),
    // Node keeps the first of several Authorization headers and joins the others, which is told apart by hand: its
    // list of all headers with all values costs more than verifying a known token.
    headers: repeatsAuthorization(request) ? keepApart(request) : request.headers,
    clientCertificate: clientCertificateOf(request),
  };
}

const NAME = 'authorization';

function repeatsAuthorization({ rawHeaders }: IncomingMessage): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === NAME.length && name.toLowerCase() === NAME) count++;
  }
  return count > 1;
}

/** All headers with all values. Requests of HTTP/2 have no such list. */
function keepApart(request: IncomingMessage): RequestHeaders {
  const { headersDistinct }: Partial<IncomingMessage> = request;
  if (headersDistinct !== undefined) return headersDistinct;
  const { rawHeaders } = request;
  const headers: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    (headers[rawHeaders[index]?.toLowerCase() ?? ''] ??= []).push(rawHeaders[index + 1] ?? '');
  }
  return headers;
}

/** A target may name scheme and host too (RFC 9112 §3.2.2), which nobody has vouched for. */
function withoutOrigin(target: string): string {
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
  return path.startsWith('/') ? path : `/${path}`;
}
