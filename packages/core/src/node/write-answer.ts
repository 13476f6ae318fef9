import type { ServerResponse } from 'node:http';
import type { HttpAnswer } from '../server/index.ts';

/** Writes a refusal or a document, byte for byte as core made it. */
export function writeAnswer(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  // The rest of a body that is too large is not worth reading: the connection ends with the answer.
  if (status === 413) response.setHeader('Connection', 'close');
  const length = status === 204 ? {} : { 'Content-Length': Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length }).end(body);
}
