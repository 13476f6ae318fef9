import type { IncomingMessage, ServerResponse } from 'node:http';

import { getRequestListener } from '@hono/node-server';
import { writeAnswer } from '@mcp-m2m/core/node';

import type { Route } from '../http/documents.ts';
import type { RefuseTokenRequest } from '../http/refuse-token-request.ts';
import { sendJson } from '../http/send-json.ts';
import { createAdminApp, type AdminAppDependencies } from './admin-app.ts';
import { createProblem } from './problem.ts';

/** The routes of the administrative API. */
export interface AdminRoutes {
  /** Answers everything below `/admin/v1`. */
  readonly api: Route;
  /** The metadata of the API as a protected resource (RFC 9728). */
  readonly metadata: Route;
  /** Path of that metadata. */
  readonly metadataPath: string;
}

/** Answers an administrative request that comes when the server is stopping. */
export const refuseAdministration: RefuseTokenRequest = (_request, response, refusal) => {
  const { status, reason, detail, headers } = refusal;
  sendJson(response, status, JSON.stringify(createProblem(status, reason, detail)), {
    ...headers,
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
  });
};

/**
 * Makes the administrative API as routes of the server's own.
 *
 * @param issuerPath - path of the issuer without a trailing slash: requests come with it or without
 */
export function createAdminRoutes(dependencies: AdminAppDependencies, issuerPath: string): AdminRoutes {
  const { app, authentication } = createAdminApp(dependencies);
  const { server } = authentication;
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const metadataPath = new URL(server.metadataUrl).pathname;
  async function answerMetadata(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await server.answerMetadata(request.method ?? 'GET', metadataPath);
    if (answer !== undefined) writeAnswer(response, answer);
  }

  return {
    metadataPath,
    api(request, response) {
      const target = (request as { originalUrl?: string }).originalUrl ?? request.url ?? '/';
      // Wherever this server is mounted, the application knows one path.
      request.url =
        issuerPath !== '' && target.startsWith(`${issuerPath}/`) ? target.slice(issuerPath.length) : target;
      void listener(request, response);
    },
    metadata(request, response) {
      void answerMetadata(request, response);
    },
  };
}
