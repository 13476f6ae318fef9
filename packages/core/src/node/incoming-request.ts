import type { IncomingMessage } from 'node:http';
import type { IncomingRequest } from '../server/index.ts';
import { clientCertificateOf } from './client-certificate.ts';

/**
 * Describes a Node.js request to a resource server, with repeated headers kept apart.
 *
 * @param request - the request
 * @param url - path and query as received; frameworks that rewrite `request.url` keep the original elsewhere
 */
export function toIncomingRequest(request: IncomingMessage, url = request.url ?? '/'): IncomingRequest {
  return {
    method: request.method ?? 'GET',
    url,
    headers: request.headersDistinct,
    clientCertificate: clientCertificateOf(request),
  };
}
