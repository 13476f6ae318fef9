import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ResourceServer } from '../server/index.ts';
import { writeAnswer } from './write-answer.ts';

/** A middleware of Connect's kind, which Express and NestJS take. */
export type ConnectMiddleware = (
  request: IncomingMessage & { readonly originalUrl?: string },
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Creates the middleware that serves the metadata document of a resource at its well-known path, and leaves every
 * other path to the next one. To be used at the root of the origin.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-3.1 | RFC 9728 §3.1}
 */
export function createMetadataMiddleware({ answerMetadata }: ResourceServer): ConnectMiddleware {
  return (request, response, next) => {
    // Frameworks that rewrite `url` keep the one that was received beside it.
    const { method = 'GET', originalUrl = request.url ?? '/' } = request;
    const answer = answerMetadata(method, originalUrl);
    if (answer === undefined) return next();
    answer.then((document) => writeAnswer(response, document)).catch(next);
  };
}
