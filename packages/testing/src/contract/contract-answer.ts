import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import type { ContractAnswer } from './contract-handler.ts';

/** Writes what a contract handler answers to a Node.js response; a client that leaves is no error. */
export async function writeContractAnswer(
  response: ServerResponse,
  { status, headers, body }: ContractAnswer,
): Promise<void> {
  response.writeHead(status, headers);
  if (typeof body === 'string') {
    response.end(body);
    return;
  }
  // Before the first event: whoever opened the stream waits for the head.
  response.flushHeaders();
  await pipeline(Readable.fromWeb(body as NodeReadableStream), response).catch(() => undefined);
}

/** What a contract handler answers, for frameworks that speak of a `Response`. */
export function toContractResponse({ status, headers, body }: ContractAnswer): Response {
  return new Response(body, { status, headers });
}
