import type { ServerResponse } from 'node:http';
import type { HttpAnswer } from '../server/index.ts';

const ALLOWED_ORIGIN = 'Access-Control-Allow-Origin';

/**
 * Writes a refusal or a document, byte for byte as core made it.
 *
 * Whom an application lets read its answers, by a CORS middleware of its own, stays as it said.
 */
export function writeAnswer(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  // The rest of a body that is too large is not worth reading: the connection ends with the answer.
  if (status === 413) response.setHeader('Connection', 'close');
  const allowedOrigin = response.getHeader(ALLOWED_ORIGIN);
  response.writeHead(status, {
    ...headers,
    ...(allowedOrigin === undefined ? {} : { [ALLOWED_ORIGIN]: allowedOrigin }),
    ...(status === 204 ? {} : { 'Content-Length': Buffer.byteLength(body) }),
  });
  response.end(body);
}
