import type { IncomingMessage, ServerResponse } from 'node:http';

import type { AdminRoutes } from '../admin/admin-handler.ts';
import { ADMIN_PATH } from '../admin/admin-path.ts';
import { PATHS } from '../endpoints.ts';
import { sendRefusal, type Route } from './documents.ts';

/** The routes of the server, by what they are. */
export interface Routes {
  readonly metadata: Route;
  readonly openIdMetadata: Route;
  readonly authorization: Route;
  readonly token: Route;
  readonly jwks: Route;
  readonly revocation: Route;
  readonly introspection: Route;
  /** Of the list of status lists. */
  readonly status: Route;
  /** Of each status list. */
  readonly statusList: Route;
  /** Of the administrative API, where there is one. */
  readonly admin?: AdminRoutes | undefined;
}

/** Answers a request; one for another path goes to `next`, or is answered 404 when there is none. */
export type RequestHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

const WELL_KNOWN = {
  metadata: '/.well-known/oauth-authorization-server',
  openIdMetadata: '/.well-known/openid-configuration',
} as const;

/**
 * Makes the handler that finds the route of a request.
 *
 * An issuer with a path is found at both forms of the well-known URL (inserted before the path and appended
 * to it), and its endpoints with the path and without, for a mount or a proxy that strips it.
 *
 * @param issuerPath - path of the issuer without a trailing slash
 * @param routes - what to answer with
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-3.1 | RFC 8414 §3.1}
 */
export function createRequestHandler(issuerPath: string, routes: Routes): RequestHandler {
  const byPath = new Map<string, Route>();
  for (const prefix of new Set(['', issuerPath])) {
    for (const name of ['authorization', 'token', 'jwks', 'revocation', 'introspection', 'status'] as const)
      byPath.set(prefix + PATHS[name], routes[name]);
    for (const name of ['metadata', 'openIdMetadata'] as const) {
      byPath.set(prefix + WELL_KNOWN[name], routes[name]);
      byPath.set(WELL_KNOWN[name] + issuerPath, routes[name]);
    }
  }
  const { admin } = routes;
  if (admin !== undefined) byPath.set(admin.metadataPath, admin.metadata);
  const below = new Map<string, Route>();
  for (const prefix of ['', issuerPath]) {
    below.set(`${prefix}${PATHS.status}/`, routes.statusList);
    if (admin !== undefined) below.set(`${prefix}${ADMIN_PATH}/`, admin.api);
  }
  const routeBelow = (path: string): Route | undefined => {
    for (const [prefix, route] of below) if (path.startsWith(prefix)) return route;
    return undefined;
  };
  return (request, response, next) => {
    const path = pathOf(request);
    const route = byPath.get(path) ?? routeBelow(path);
    if (route !== undefined) route(request, response);
    else if (next !== undefined) next();
    else sendRefusal(response, 404, 'not_found', 'there is nothing at this path');
  };
}

function pathOf(request: IncomingMessage): string {
  // Express and connect shorten `url` where a handler is mounted, and keep the whole in `originalUrl`.
  const { originalUrl } = request as { originalUrl?: unknown };
  const target = typeof originalUrl === 'string' ? originalUrl : (request.url ?? '/');
  const path = target.startsWith('/') ? target : (URL.parse(target)?.pathname ?? '/');
  const end = path.search(/[?#]/);
  return end === -1 ? path : path.slice(0, end);
}
