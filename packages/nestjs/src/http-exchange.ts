import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request of Express, which is Node.js' own, or of Fastify, which has it inside. */
export interface HttpRequest {
  readonly raw?: IncomingMessage;
  readonly originalUrl?: string;
  body?: unknown;
  auth?: unknown;
  user?: unknown;
}

/** A response of Express, which is Node.js' own, or a reply of Fastify, which has it inside. */
export interface HttpResponse {
  readonly raw?: ServerResponse;
  readonly getHeaders?: () => Readonly<Record<string, number | string | string[] | undefined>>;
  readonly hijack?: () => unknown;
}

/** Node.js' own request. */
export function nodeRequestOf(request: HttpRequest): IncomingMessage {
  return request.raw ?? (request as IncomingMessage);
}

/** Node.js' own response. */
export function nodeResponseOf(response: HttpResponse): ServerResponse {
  return response.raw ?? (response as ServerResponse);
}
