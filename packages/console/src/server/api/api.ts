import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';

import type { PassOn } from '../administration/admin-proxy.ts';
import type { ConsoleReport } from '../console-events.ts';
import { ConsoleProblem, describeProblem } from '../http/problem.ts';
import { refuseForgery } from '../http/request-forgery.ts';
import { requireSession } from './answers.ts';
import type { ApiEnvironment } from './api-environment.ts';
import { addConnectionRoutes, type ConnectionRoutesDependencies } from './connection-routes.ts';
import { addSessionRoutes, type SessionRoutesDependencies } from './session-routes.ts';

const MAX_BODY_BYTES = 1_048_576;
const PROBLEM = { 'Content-Type': 'application/problem+json' };

/** Dependencies of {@link createApi}. */
export interface ApiDependencies extends SessionRoutesDependencies, ConnectionRoutesDependencies {
  readonly origin: string;
  /** Where the API is, below the origin. */
  readonly path: string;
  readonly passOn: PassOn;
}

/** Makes the console's own API: sessions, connections, and the administrative API passed on. */
export function createApi(dependencies: ApiDependencies): OpenAPIHono<ApiEnvironment> {
  const { origin, path, sessions, cookie, passOn, addressOf, report } = dependencies;
  const app = new OpenAPIHono<ApiEnvironment>({
    defaultHook(result, c) {
      if (result.success) return undefined;
      const errors = result.error.issues.map(({ path: at, message }) => ({ path: at.join('.'), message }));
      const message = errors.map((error) => `${error.path || 'the request'}: ${error.message}`).join('; ');
      return c.json(
        describeProblem({ status: 400, code: 'request_malformed', message }, errors),
        400,
        PROBLEM,
      );
    },
  });
  app.onError((error, c) => {
    const problem = toProblem(error, (unexpected) => reportFailure(report, unexpected, addressOf(c)));
    if (problem.retryAfterSeconds !== undefined) c.header('Retry-After', String(problem.retryAfterSeconds));
    return c.json(describeProblem(problem), problem.status as never, PROBLEM);
  });
  app.notFound((c) => {
    const problem = new ConsoleProblem(404, 'not_found', 'There is nothing at this path.');
    return c.json(describeProblem(problem), 404, PROBLEM);
  });
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'mcp-m2m console',
      version: '1',
      description:
        'What the page of the console calls beside the administrative API, which it reaches below /admin/v1. Needs the session cookie; a change also needs the header X-Mcp-M2m-Console and the page’s own Origin.',
    },
    servers: [{ url: path }],
  });
  app.use('*', async (c, next) => {
    c.header('Cache-Control', 'no-store');
    if (c.req.path !== '/openapi.json') refuseForgery(c.req.method, c.env.incoming.headers, origin);
    assertBounded(c.req.header('content-length'), c.req.header('transfer-encoding'));
    c.set('session', sessions.find(cookie.read(c.req.header('cookie'))));
    await next();
  });
  addSessionRoutes(app, dependencies);
  addConnectionRoutes(app, dependencies);
  app.all('/admin/v1/*', async (c) => {
    const session = requireSession(c);
    const { method } = c.req;
    const { pathname, search } = new URL(c.req.url);
    const remoteAddress = addressOf(c);
    const body =
      method === 'GET' || method === 'HEAD' ? undefined : new Uint8Array(await c.req.arrayBuffer());
    try {
      const response = await passOn(session.access, {
        method,
        target: pathname + search,
        headers: c.req.raw.headers,
        body,
        address: remoteAddress,
        signal: c.req.raw.signal,
      });
      if (body !== undefined) {
        const { subject } = session;
        const { status } = response;
        report({ type: 'administered', subject, method, path: pathname, status, remoteAddress });
      }
      return response;
    } catch (error) {
      if (error instanceof ConsoleProblem && error.code === 'session_ended') {
        sessions.close(cookie.read(c.req.header('cookie')));
        c.header('Set-Cookie', cookie.clear());
      }
      throw error;
    }
  });
  return app;
}

function toProblem(error: Error, onUnexpected: (error: Error) => void): ConsoleProblem {
  if (error instanceof ConsoleProblem) return error;
  if (error instanceof HTTPException) {
    return new ConsoleProblem(
      error.status,
      'request_malformed',
      error.message || 'The request is malformed.',
    );
  }
  onUnexpected(error);
  return new ConsoleProblem(
    500,
    'internal_failure',
    'The console failed; its operator sees why. Try again, and tell the operator if it stays.',
  );
}

function reportFailure(
  report: (report: ConsoleReport) => void,
  { name, message }: Error,
  remoteAddress: string | undefined,
): void {
  report({ type: 'failed', name, message: message.slice(0, 500), remoteAddress });
}

/** Node.js holds a body to the length it announces; one that announces none has no bound. */
function assertBounded(length: string | undefined, transferEncoding: string | undefined): void {
  if (transferEncoding !== undefined) {
    throw new ConsoleProblem(411, 'length_required', 'A request with a body must have a Content-Length.');
  }
  if (Number(length ?? 0) > MAX_BODY_BYTES) {
    throw new ConsoleProblem(413, 'request_too_large', `A request has at most ${MAX_BODY_BYTES} bytes.`);
  }
}
