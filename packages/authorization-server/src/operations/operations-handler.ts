import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Registry } from 'prom-client';

import { refuseMethod, sendRefusal } from '../http/documents.ts';
import type { RequestHandler } from '../http/request-handler.ts';
import { sendJson } from '../http/send-json.ts';
import type { CheckReadiness } from './readiness.ts';

/** Dependencies of {@link createOperationsHandler}. */
export interface OperationsHandlerDependencies {
  readonly checkReadiness: CheckReadiness;
  /** Serves `/metrics` as well, which is not for everybody's eyes. */
  readonly registry?: Registry;
}

const NO_STORE = { 'Cache-Control': 'no-store' };

/**
 * Makes the handler of `/healthz` (the process answers), `/readyz` (it can issue tokens: 200, or 503 with the
 * names of the parts that fail) and, with a registry, `/metrics` in the text format of Prometheus.
 *
 * Asks nobody who they are.
 */
export function createOperationsHandler(dependencies: OperationsHandlerDependencies): RequestHandler {
  const { checkReadiness, registry } = dependencies;
  const routes = new Map<string, (response: ServerResponse) => Promise<void> | void>([
    ['/healthz', (response) => sendJson(response, 200, '{"status":"alive"}', NO_STORE)],
    [
      '/readyz',
      async (response) => {
        const { ready, failing } = await checkReadiness();
        const body = ready ? { status: 'ready' } : { status: 'not_ready', failing };
        sendJson(response, ready ? 200 : 503, JSON.stringify(body), NO_STORE);
      },
    ],
  ]);
  if (registry !== undefined) {
    routes.set('/metrics', async (response) => {
      const text = await registry.metrics();
      response.writeHead(200, {
        'Content-Type': registry.contentType,
        'Content-Length': Buffer.byteLength(text),
        ...NO_STORE,
      });
      response.end(text);
    });
  }
  return (request, response, next) => {
    const route = routes.get(pathOf(request));
    if (route === undefined) {
      if (next !== undefined) next();
      else sendRefusal(response, 404, 'not_found', 'there is nothing at this path');
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      refuseMethod(response, 'GET, HEAD');
    } else {
      Promise.resolve(route(response)).catch(() => {
        if (!response.headersSent) sendRefusal(response, 500, 'server_error', 'this could not be told');
      });
    }
  };
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] as string;
}
