import type { IncomingMessage, ServerResponse } from 'node:http';
import { writeAnswer } from '@mcp-m2m/core/node';
import type { ResourceServer } from '@mcp-m2m/core/server';
import type { HttpServer } from '@nestjs/common';

/**
 * Serves the metadata document of a resource at its well-known path.
 *
 * No controller, because NestJS puts the global prefix and versions before every controller's path, and the
 * document's path follows from the resource alone.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-3.1 | RFC 9728 §3.1}
 */
export function serveMetadata(adapter: HttpServer, { answerMetadata }: ResourceServer): void {
  // Both platforms hand Node.js' own request and response, or what extends them, to a middleware.
  adapter.use(
    (
      request: IncomingMessage & { readonly originalUrl?: string },
      response: ServerResponse,
      next: (error?: unknown) => void,
    ) => {
      const { method = 'GET', originalUrl = request.url ?? '/' } = request;
      const answer = answerMetadata(method, originalUrl);
      if (answer === undefined) return next();
      answer.then((document) => writeAnswer(response, document)).catch(next);
    },
  );
}
