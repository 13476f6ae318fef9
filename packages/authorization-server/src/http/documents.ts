import type { IncomingMessage, ServerResponse } from 'node:http';

import { oauthError } from './oauth-error.ts';
import { sendJson } from './send-json.ts';

/** Answers one request. */
export type Route = (request: IncomingMessage, response: ServerResponse) => void;

const NO_STORE = { 'Cache-Control': 'no-store' };

/**
 * Makes a route that serves a public document to anyone, web pages included.
 *
 * @param document - served as JSON, serialised once
 * @param contentType - its media type
 * @param maxAgeSeconds - how long it may be cached
 */
export function serveDocument(document: unknown, contentType: string, maxAgeSeconds: number): Route {
  const text = JSON.stringify(document);
  const headers = {
    'Content-Type': contentType,
    'Cache-Control': `public, max-age=${maxAgeSeconds}`,
    'Access-Control-Allow-Origin': '*',
  };
  return (request, response) => {
    if (request.method === 'GET' || request.method === 'HEAD') sendJson(response, 200, text, headers);
    else refuseMethod(response, 'GET, HEAD');
  };
}

/** Answers a request of another method than the route has. */
export function refuseMethod(response: ServerResponse, allow: string): void {
  sendRefusal(response, 405, 'invalid_request', `only ${allow} is allowed here`, { Allow: allow });
}

/** Sends a refusal that is not to be cached. */
export function sendRefusal(
  response: ServerResponse,
  status: number,
  error: string,
  description: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendJson(response, status, JSON.stringify(oauthError(error, description)), { ...NO_STORE, ...headers });
}
