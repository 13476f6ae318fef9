import { OpenAPIHono } from '@hono/zod-openapi';

import type { ReportEvent } from '../events.ts';
import { redact } from '../redaction.ts';
import { createAdminAuthentication, type AdminAuthenticationDependencies } from './admin-authentication.ts';
import { ADMIN_PATH } from './admin-path.ts';
import type { AdminDomain } from './admin-domain.ts';
import type { AdminEnvironment } from './admin-environment.ts';
import { isNestedDeeperThan } from './json-depth.ts';
import { createIdempotency, type IdempotencyDependencies } from './idempotency.ts';
import { createProblem, describeError, ProblemError } from './problem.ts';
import { addClientCredentialRoutes } from './routes/client-credentials.ts';
import { addClientRoutes } from './routes/clients.ts';
import { addResourceRoutes } from './routes/resources.ts';
import { addServerRoutes, type ServerFacts } from './routes/server.ts';
import { addTrustRoutes } from './routes/trust.ts';

const MAX_BODY_BYTES = 1_048_576;
/** Deeper than anything that is asked for. */
const MAX_DEPTH = 32;

/** Dependencies of {@link createAdminApp}. */
export interface AdminAppDependencies
  extends AdminAuthenticationDependencies, IdempotencyDependencies, ServerFacts {
  readonly domain: AdminDomain;
  readonly report: ReportEvent;
}

/** The API as a fetch handler's application, and its own metadata as a protected resource. */
export interface AdminApp {
  readonly app: OpenAPIHono<AdminEnvironment>;
  readonly authentication: ReturnType<typeof createAdminAuthentication>;
}

/**
 * Makes the administrative API: REST under `/admin/v1`, described by an OpenAPI document that is generated from the
 * same schemas that validate.
 *
 * @param dependencies - the domain, and what protects the API
 */
export function createAdminApp(dependencies: AdminAppDependencies): AdminApp {
  const authentication = createAdminAuthentication(dependencies);
  const reportFailure = (error: unknown): void => {
    const { name, message } = error instanceof Error ? error : new Error('unknown failure');
    dependencies.report({ type: 'server_failed', name, message: redact(message) });
  };
  const app = new OpenAPIHono<AdminEnvironment>({
    defaultHook(result, c) {
      if (result.success) return undefined;
      const errors = result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
      const detail = errors
        .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
        .join('; ');
      return c.json(createProblem(400, 'request_malformed', detail, errors), 400, PROBLEM);
    },
  }).basePath(ADMIN_PATH);

  app.onError((error, c) => {
    const problem = describeError(error);
    // Whoever hangs up in the middle of a request is no failure of the server.
    if (problem.status >= 500 && c.env.incoming.complete) reportFailure(error);
    if (problem.status === 503) c.header('Retry-After', '5');
    return c.json(problem, problem.status as never, PROBLEM);
  });
  app.notFound((c) =>
    c.json(createProblem(404, 'not_found', 'There is nothing at this path.'), 404, PROBLEM),
  );

  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'mcp-m2m authorization server: administration',
      version: '1',
      description:
        'Clients, their secrets and keys, resources, trust, signing keys, tokens, audit and usage. Answers that can be changed carry an ETag; If-Match on a change refuses it when somebody else was first.',
    },
    servers: [{ url: dependencies.issuer.replace(/\/$/, '') }],
    security: [{ accessToken: [] }],
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'accessToken', {
    type: 'http',
    scheme: 'bearer',
    description:
      'An access token of this server for <issuer>/admin: admin:read to read, admin:write to change',
  });
  app.use('*', async (c, next) => {
    if (c.req.path === `${ADMIN_PATH}/openapi.json`) return await next();
    return await authentication.authenticate(c, next);
  });
  app.use('*', async (c, next) => {
    assertBounded(c.req.header('content-length'), c.req.header('transfer-encoding'));
    if (c.env.incoming.readableDidRead) throw new ProblemError(500, 'body_read_before', BODY_READ);
    if (isNestedDeeperThan(MAX_DEPTH, await c.req.text())) {
      throw new ProblemError(400, 'request_malformed', `A request nests at most ${MAX_DEPTH} levels.`);
    }
    await next();
  });
  app.use('*', createIdempotency(dependencies));
  const { domain } = dependencies;
  addClientRoutes(app, domain);
  addClientCredentialRoutes(app, domain);
  addResourceRoutes(app, domain);
  addTrustRoutes(app, domain);
  const { issuer, tokenEndpoint } = dependencies;
  addServerRoutes(app, domain, { issuer, tokenEndpoint }, reportFailure);
  return { app, authentication };
}

const PROBLEM = { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' };

const BODY_READ =
  'A body parser has read the request before the authorization server could: its handler has to be mounted before the parser.';

/** Node.js holds a body to the length it announces; one that announces none has no bound. */
function assertBounded(length: string | undefined, transferEncoding: string | undefined): void {
  if (transferEncoding !== undefined) {
    throw new ProblemError(411, 'length_required', 'A request with a body must have a Content-Length.');
  }
  if (Number(length ?? 0) > MAX_BODY_BYTES) {
    throw new ProblemError(413, 'request_too_large', `A request has at most ${MAX_BODY_BYTES} bytes.`);
  }
}
