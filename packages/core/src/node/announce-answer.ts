import type { ServerResponse } from 'node:http';
import type { HttpAnswer } from '../server/index.ts';

/**
 * Puts what an answer says beside its body on a response that somebody else writes: the challenge above all.
 *
 * What the body is belongs to who writes it, and who may read it to the application, where it has said so.
 */
export function announceAnswer(response: ServerResponse, { status, headers }: HttpAnswer): void {
  // As in `writeAnswer`.
  if (status === 413) response.setHeader('Connection', 'close');
  for (const [name, value] of Object.entries(headers)) {
    const isTaken = name.startsWith('Access-Control-') && response.hasHeader(name);
    if (name !== 'Content-Type' && !isTaken) response.setHeader(name, value);
  }
}
