import { inspect } from 'node:util';
import { mcpAuth, McpAuthError, type McpAuthOptions } from '@mcp-m2m/express';
import { expectChallenge } from '@mcp-m2m/testing';
import type { ErrorRequestHandler } from 'express';
import { describe, expect, it } from 'vitest';
import { createAuthority } from './authority.ts';
import {
  METADATA_URL,
  RESOURCE,
  send,
  startProtectedApp,
  toolCall,
  type ProtectedApp,
  type ProtectedAppOptions,
} from './protected-app.ts';

const authority = await createAuthority();

const bearer = (): string => `Bearer ${authority.mint()}`;

function startApp(
  handleError?: ErrorRequestHandler,
  options: Partial<McpAuthOptions> = { onRefusal: 'next' },
): Promise<ProtectedApp> {
  const mount: ProtectedAppOptions['mount'] = (app, auth, handler) => {
    app.set('env', 'test').all('/mcp', auth.protect(), handler);
    if (handleError !== undefined) app.use(handleError);
  };
  return startProtectedApp({
    authorizationServers: [authority.issuer],
    now: authority.now,
    mount,
    ...options,
  });
}

/** Keeps what error handlers get, and answers in a way of its own. */
function createErrorHandler(): { readonly errors: unknown[]; readonly handle: ErrorRequestHandler } {
  const errors: unknown[] = [];
  const handle: ErrorRequestHandler = (error: McpAuthError, _request, response, _next) => {
    errors.push(error);
    response.status(error.status).json({ problem: error.message });
  };
  return { errors, handle };
}

describe('onRefusal: next', () => {
  it('hands error handlers what they need to answer or to log', async () => {
    const { errors, handle } = createErrorHandler();
    await using app = await startApp(handle);
    await send(app, bearer(), toolCall('start_deployment', { service: 'web' }));
    const [error] = errors;
    expect(error).toBeInstanceOf(McpAuthError);
    expect(error).toMatchObject({
      name: 'McpAuthError',
      status: 403,
      statusCode: 403,
      expose: true,
      reason: 'scope_insufficient',
      message: expect.stringContaining("'deploy:write'".replaceAll("'", '"')),
      headers: { 'WWW-Authenticate': expect.stringContaining('insufficient_scope') },
    });
    expect(JSON.parse((error as McpAuthError).body)).toMatchObject({ id: 7, error: { code: 40300 } });
    expect(app.callers).toEqual([]);
  });

  it('leaves the challenge on an answer that a handler words in its own way', async () => {
    const { handle } = createErrorHandler();
    await using app = await startApp(handle);
    const response = await send(app, undefined);
    expectChallenge(response, { scheme: 'Bearer', status: 401, error: null, resourceMetadata: METADATA_URL });
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await response.json()).toEqual({ problem: expect.stringContaining('needs an access token') });
  });

  it('leaves status and challenge on the answer of Express itself', async () => {
    await using app = await startApp();
    const response = await send(app, 'Bearer nonsense');
    expectChallenge(response, { scheme: 'Bearer', status: 401, error: 'invalid_token' });
    expect(response.headers.get('content-type')).toContain('text/html');
  });

  it('leaves who may read refusals to the application, where it has said so', async () => {
    const { handle } = createErrorHandler();
    await using app = await startProtectedApp({
      authorizationServers: [authority.issuer],
      onRefusal: 'next',
      mount: (server, auth) =>
        server
          .use((_request, response, next) =>
            next(void response.set('Access-Control-Allow-Origin', 'https://a.example')),
          )
          .all('/mcp', auth.protect())
          .use(handle),
    });
    const { headers } = await send(app, undefined);
    expect(headers.get('access-control-allow-origin')).toBe('https://a.example');
    expect(headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
  });

  it('ends the connection with the refusal of a body that is too large', async () => {
    const { errors, handle } = createErrorHandler();
    await using app = await startApp(handle);
    const response = await send(app, bearer(), undefined, { body: 'x'.repeat(4_194_305) });
    expect([response.status, response.headers.get('connection')]).toEqual([413, 'close']);
    expect(errors).toMatchObject([{ reason: 'body_too_large' }]);
  });

  it('is not asked about preflights, metadata and requests that are served', async () => {
    const { errors, handle } = createErrorHandler();
    await using app = await startApp(handle);
    const preflight = { method: 'OPTIONS', body: null, headers: { 'Access-Control-Request-Method': 'POST' } };
    const headers = { origin: 'https://page.example', ...preflight.headers };
    expect((await send(app, undefined, undefined, { ...preflight, headers })).status).toBe(204);
    expect((await fetch(new URL(new URL(METADATA_URL).pathname, app.url))).status).toBe(200);
    expect((await send(app, bearer())).status).toBe(200);
    expect(errors).toEqual([]);
  });

  it('S3: puts no token into the error', async () => {
    const { errors, handle } = createErrorHandler();
    await using app = await startApp(handle);
    const token = authority.mint({ scope: 'other' });
    await send(app, `Bearer ${token}`);
    await send(app, `Bearer ${token}x`);
    expect(errors).toHaveLength(2);
    const shown = inspect(errors, { depth: 10, showHidden: true }) + JSON.stringify(errors);
    for (const part of token.split('.')) expect(shown).not.toContain(part);
  });
});

describe('onRefusal', () => {
  it('is answer where nothing is said: error handlers hear nothing', async () => {
    const { errors, handle } = createErrorHandler();
    await using app = await startApp(handle, {});
    const response = await send(app, undefined);
    expectChallenge(response, { scheme: 'Bearer', status: 401, error: null });
    expect(await response.json()).toHaveProperty('error_description');
    expect(errors).toEqual([]);
  });

  it('is refused with another value', () => {
    const options = { resource: RESOURCE, authorizationServers: [authority.issuer], onRefusal: 'throw' };
    expect(() => mcpAuth(options as McpAuthOptions)).toThrow(
      new TypeError('onRefusal must be "answer" or "next".'),
    );
  });
});
