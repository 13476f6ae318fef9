import formBody from '@fastify/formbody';
import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RESOURCE, send, startApp, toolCall, type ProtectedApp } from './protected-app.ts';
import { FASTIFY_VERSIONS } from './running-fastify.ts';

let authority: TestAuthority;

beforeAll(async () => {
  authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
});

afterAll(() => authority.close());

describe.each(FASTIFY_VERSIONS)('bodies in %s', (_, createFastify) => {
  const start = (compose: Parameters<typeof startApp>[1]): Promise<ProtectedApp> =>
    startApp({ authorizationServers: [authority.issuer], now: authority.now }, compose, { createFastify });

  it('are parsed and validated once the caller is known, not before', async () => {
    const parsed: unknown[] = [];
    await using app = await start((root, auth) => {
      void root.register(auth.protect());
      root.addHook('preValidation', (request, _reply, done) => {
        parsed.push(request.body);
        done();
      });
      const schema = { body: { type: 'object', required: ['jsonrpc'] } };
      root.post('/mcp', { schema }, () => ({}));
    });
    const invalid = { method: 'tools/list' };
    expect((await send(app, undefined, invalid)).status).toBe(401);
    expect((await send(app, undefined, undefined, { body: '{"broken' })).status).toBe(401);
    expect(parsed).toEqual([]);
    expect((await send(app, authority.mint(), invalid)).status).toBe(400);
    expect((await send(app, authority.mint(), undefined, { body: '{"broken' })).status).toBe(400);
    expect(parsed).toEqual([invalid]);
    expect((await send(app, authority.mint())).status).toBe(200);
  });

  it('are judged as parsers, validation and earlier hooks left them', async () => {
    await using app = await start((root, auth) => {
      void root.register(auth.protect());
      const name = { type: 'string', default: 'start_deployment' };
      const params = { type: 'object', properties: { name } };
      const schema = { body: { type: 'object', properties: { params } } };
      root.post('/mcp', { schema }, (request) => request.body);
    });
    const unnamed = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: {} };
    expect((await send(app, authority.mint(), unnamed)).status).toBe(403);
    expect(app.decisions.at(-1)?.operations).toEqual(['tools/call start_deployment']);
    expect(await (await send(app, authority.mint(), toolCall('whoami'))).json()).toEqual(toolCall('whoami'));
  });

  it.each<[string, (scope: FastifyInstance) => void]>([
    ['leaves the stream alone', (s) => s.addContentTypeParser('*', (_request, _payload, done) => done(null))],
    [
      'hands on the stream',
      (s) => s.addContentTypeParser('*', (_request, payload, done) => done(null, payload)),
    ],
    [
      'makes up another body',
      (s) => s.addContentTypeParser('*', (_request, _payload, done) => done(null, { result: null })),
    ],
  ])('are read by protect() itself where a parser %s', async (_name, addParser) => {
    await using app = await start((root, auth) => {
      void root.register(auth.protect());
      root.removeAllContentTypeParsers();
      addParser(root);
      root.post('/mcp', (request) => request.body);
    });
    expect(await (await send(app, authority.mint(), toolCall('whoami'))).json()).toEqual(toolCall('whoami'));
    expect((await send(app, authority.mint(), toolCall('start_deployment'))).status).toBe(403);
    const broken = await send(app, authority.mint(), undefined, { body: '{"broken' });
    expect([broken.status, app.decisions.at(-1)?.reason]).toEqual([400, 'body_not_json']);
  });

  it('are refused where they cannot be judged, as a parser left bytes', async () => {
    await using app = await start((root, auth) => {
      void root.register(auth.protect());
      const parser = (_request: unknown, body: unknown, done: (error: null, body: unknown) => void) =>
        done(null, body);
      root.addContentTypeParser('application/json', { parseAs: 'buffer' }, parser);
      root.post('/mcp', () => ({}));
    });
    expect((await send(app, authority.mint())).status).toBe(400);
    expect(app.decisions.at(-1)?.reason).toBe('body_not_json_rpc');
  });
});

describe('a form that @fastify/formbody has parsed', () => {
  it.each([
    ['with a second token', 'access_token=x&method=tools/list', 400, 'credentials_repeated'],
    ['without one', 'jsonrpc=2.0&method=tools/list', 415, 'media_type_not_supported'],
  ])('is refused as one that nobody has parsed, %s', async (_, body, status, reason) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answers: unknown[] = [];
    for (const addParser of [
      (root: FastifyInstance) => {
        root.addContentTypeParser('*', (_request, _payload, done) => done(null));
      },
      (root: FastifyInstance) => {
        void root.register(formBody);
      },
    ]) {
      await using app = await startApp({ authorizationServers: [authority.issuer] }, (root, auth) => {
        addParser(root);
        void root.register(auth.protect());
        root.post('/mcp', () => ({}));
      });
      const response = await send(app, authority.mint(), undefined, { body, headers });
      expect([response.status, app.decisions.at(-1)?.reason]).toEqual([status, reason]);
      answers.push([response.headers.get('www-authenticate'), await response.text()]);
    }
    expect(answers[1]).toEqual(answers[0]);
  });
});
