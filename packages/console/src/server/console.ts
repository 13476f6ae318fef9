import type { IncomingMessage, ServerResponse } from 'node:http';

import { getRequestListener } from '@hono/node-server';
import { createNodeFetch } from '@mcp-m2m/core/node';

import { createOperationList } from './administration/admin-operations.ts';
import { createAdminProxy } from './administration/admin-proxy.ts';
import { createApi } from './api/api.ts';
import { createReport } from './console-events.ts';
import { parseConsoleOptions, type ConsoleOptions } from './console-options.ts';
import { createConnectionSeal } from './connections/connection-seal.ts';
import { openConnectionStore } from './connections/connection-store.ts';
import { createConnections } from './connections/connections.ts';
import { readPage } from './http/page-files.ts';
import { setSecurityHeaders } from './http/security-headers.ts';
import { createCookie } from './http/session-cookie.ts';
import { openAdminAccess, type AdminCredential } from './sign-in/admin-access.ts';
import { createOpenIdRoutes, type OpenIdRoutes } from './sign-in/openid-routes.ts';
import { createOpenIdSignIn } from './sign-in/openid-sign-in.ts';
import { createSessions } from './sign-in/sessions.ts';
import { createSignInThrottle } from './sign-in/sign-in-throttle.ts';

/** Answers requests below the console's path; one for another path goes to `next`, or is answered 404. */
export type ConsoleRequestHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

/** A console, to be mounted in an HTTP server. */
export interface Console {
  /** Where browsers find it. */
  readonly url: string;
  /** Goes into `http.createServer`, `app.use` of Express, or beside the authorization server's; before any body parser. */
  readonly handler: ConsoleRequestHandler;
  /** Ends connections that tests have open, and closes the file of connections. */
  close(): void;
}

/**
 * Creates the web console of an authorization server: its page and the small server behind it.
 *
 * Reaches the authorization server by its administrative API alone. Tokens and credentials stay on the server; the
 * browser holds a session cookie. Sessions are in memory: a restart ends them, and behind a balancer a browser has to
 * come back to the same instance. Does not listen and does not terminate TLS.
 *
 * @param options - `issuer`, `secretKey` and `connections` are required
 * @throws TypeError when an option is wrong, naming it and the mend; Error of SQLite
 */
export function createConsole(options: ConsoleOptions): Console {
  const settings = parseConsoleOptions(options);
  const { issuer, origin, path, now, fetch, sessionLifetimeSeconds: lifetimeSeconds, openId } = settings;
  const base = origin + path;
  const page = readPage();
  const report = createReport(settings.onEvent, now);
  const secure = origin.startsWith('https:');
  const cookie = createCookie('mcp-m2m-console', secure, 'Strict');
  const sessions = createSessions({ idleSeconds: settings.sessionIdleSeconds, lifetimeSeconds, now });
  const outgoing = createNodeFetch({
    allowLoopback: settings.allowLoopback,
    allowedNetworks: settings.allowedNetworks,
  });
  const connections = createConnections({
    store: openConnectionStore(settings.connections),
    seal: createConnectionSeal(settings.secretKey),
    fetch: outgoing,
    sources: settings.workloadTokens,
    now,
  });

  const openAccess = async (credential: AdminCredential, address: string | undefined) =>
    await openAdminAccess(issuer, credential, fetchFor(address), now);
  const openIdRoutes: OpenIdRoutes | undefined =
    openId === undefined
      ? undefined
      : createOpenIdRoutes({
          signIn: createOpenIdSignIn(openId, `${base}/sign-in/openid/callback`, fetch, now),
          base,
          sessions,
          cookie,
          pendingCookie: createCookie('mcp-m2m-sign-in', secure, 'Lax'),
          lifetimeSeconds,
          openAccess: async (address) => await openAccess(openId.administrator, address),
          addressOf: settings.clientAddress,
          report,
        });
  const api = createApi({
    issuer,
    origin,
    path: `${path}/api`,
    sessions,
    cookie,
    lifetimeSeconds,
    throttle: createSignInThrottle(now),
    openId: openId === undefined ? undefined : { label: openId.label, path: `${path}/sign-in/openid` },
    openAccess,
    passOn: createAdminProxy(issuer, createOperationList(issuer, fetch, now), settings.forwardClientAddress),
    connections,
    workloadTokens: [...settings.workloadTokens.keys()],
    addressOf: (c) => settings.clientAddress(c.env.incoming),
    report,
  });
  const apiListener = getRequestListener(api.fetch, { overrideGlobalObjects: false });

  return {
    url: `${base}/`,
    handler(request, response, next) {
      const target = targetOf(request);
      const [pathname, query] = splitQuery(target);
      if (pathname !== path && !pathname.startsWith(`${path}/`)) {
        if (next !== undefined) return next();
        response.writeHead(404).end();
        return;
      }
      setSecurityHeaders(response);
      if (pathname === path) {
        response.writeHead(308, { Location: `${path}/` }).end();
        return;
      }
      const inner = pathname.slice(path.length);
      if (inner.startsWith('/api/')) {
        // The application knows one path, wherever it is mounted.
        request.url = inner.slice('/api'.length) + query;
        void apiListener(request, response);
        return;
      }
      if (page(inner, request, response)) return;
      request.url = inner + query;
      (openIdRoutes?.(inner, request, response) ?? Promise.resolve(false)).then(
        (answered) => {
          return answered || response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found\n');
        },
        (error: unknown) => {
          const { name, message } = error instanceof Error ? error : new Error('unknown');
          report({ type: 'failed', name, message, remoteAddress: settings.clientAddress(request) });
          if (!response.headersSent) response.writeHead(500);
          response.end();
        },
      );
    },
    close: () => connections.close(),
  };

  /** The authorization server sees every request come from here; this tells it from where it really came. */
  function fetchFor(address: string | undefined): typeof fetch {
    if (address === undefined || !settings.forwardClientAddress) return fetch;
    return async (url, init) => {
      const headers = new Headers(init.headers);
      if (!headers.has('x-forwarded-for')) headers.set('x-forwarded-for', address);
      return await fetch(url, { ...init, headers });
    };
  }
}

function targetOf(request: IncomingMessage): string {
  // Express and connect shorten `url` where a handler is mounted, and keep the whole in `originalUrl`.
  const { originalUrl } = request as { originalUrl?: unknown };
  return typeof originalUrl === 'string' ? originalUrl : (request.url ?? '/');
}

function splitQuery(target: string): readonly [string, string] {
  const end = target.search(/[?#]/);
  return end === -1 ? [target, ''] : [target.slice(0, end), target.slice(end)];
}
