import cors from '@fastify/cors';
import type { Caller } from '@mcp-m2m/fastify';
import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METADATA_PATH, RESOURCE, send, startApp, toolCall, type ProtectedApp } from './protected-app.ts';
import { FASTIFY_VERSIONS } from './running-fastify.ts';

let authority: TestAuthority;

beforeAll(async () => {
  authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
});

afterAll(() => authority.close());

const options = () => ({ authorizationServers: [authority.issuer], now: authority.now });

describe.each(FASTIFY_VERSIONS)('protect() in %s', (_, createFastify) => {
  const start = (compose: Parameters<typeof startApp>[1], more: object = {}): Promise<ProtectedApp> =>
    startApp(options(), compose, { createFastify, ...more });

  it('protects the scope that registers it and those inside it, and no other', async () => {
    await using app = await start((root, auth) => {
      root.post('/before', () => 'open');
      void root.register(async (scope) => {
        scope.post('/mcp', (request) => ({ clientId: request.auth?.clientId }));
        await scope.register(auth.protect());
        await scope.register(async (inner) => {
          inner.post('/inner', (request) => ({ clientId: request.auth?.clientId }));
        });
      });
      void root.register(async (sibling) => {
        sibling.post('/sibling', (request) => ({ auth: 'auth' in request }));
      });
    });
    for (const path of ['/mcp', '/inner']) {
      expect((await send(app, undefined, undefined, { path })).status).toBe(401);
      const served = await send(app, authority.mint(), undefined, { path });
      expect(await served.json()).toEqual({ clientId: 'test-client' });
    }
    for (const path of ['/before', '/sibling']) {
      expect((await send(app, undefined, undefined, { path })).status).toBe(200);
    }
  });

  it('protects everything at the root, what is not found too, but the metadata that came first', async () => {
    await using app = await start((root, auth) => {
      void root.register(auth.metadata()).register(auth.protect());
      root.post('/mcp', () => ({}));
    });
    expect((await fetch(`${app.origin}/nowhere`)).status).toBe(401);
    expect((await fetch(`${app.origin}${METADATA_PATH}`)).status).toBe(200);
    const headers = { authorization: `Bearer ${authority.mint()}` };
    expect((await fetch(`${app.origin}/nowhere`, { headers })).status).toBe(404);
  });

  it('attaches the caller where Fastify’s handlers look, and where the MCP SDK’s do', async () => {
    const seen: unknown[] = [];
    await using app = await start((root, auth) => {
      void root.register(auth.protect());
      root.post('/mcp', (request) => {
        const { auth: raw } = request.raw as { auth?: Caller };
        seen.push(request.auth?.clientId, request.auth === raw, request.auth === auth.callerOf(request));
        return {};
      });
    });
    await send(app, authority.mint());
    expect(seen).toEqual(['test-client', true, true]);
  });

  it('lets nothing pass for a caller that an earlier hook left', async () => {
    const seen: unknown[] = [];
    await using app = await start((root, auth) => {
      root.addHook('onRequest', (request, _reply, done) => {
        const forged = { clientId: 'forged' };
        Object.assign(request, { auth: forged });
        Object.assign(request.raw, { auth: forged });
        done();
      });
      void root.register(auth.protect());
      const look = (request: { auth?: unknown; raw: { auth?: unknown } }) =>
        void seen.push(request.auth, request.raw.auth);
      root.addHook('preParsing', (request, _reply, _payload, done) => {
        look(request as never);
        done();
      });
      root.addHook('onResponse', (request, _reply, done) => {
        look(request as never);
        done();
      });
      root.post('/mcp', () => ({}));
    });
    expect((await send(app, undefined)).status).toBe(401);
    await expect.poll(() => seen).toEqual([undefined, undefined]);
    expect((await send(app, authority.mint(), toolCall('start_deployment'))).status).toBe(403);
    await expect.poll(() => seen).toEqual(Array.from({ length: 6 }, () => undefined));
  });

  it('gives a refusal its bytes, whatever serializers, hooks and error handlers make of bodies', async () => {
    await using plain = await start((root, auth) => {
      void root.register(auth.protect());
      root.post('/mcp', () => ({}));
    });
    await using wrapped = await start((root, auth) => {
      root.setReplySerializer(() => 'serialized');
      root.addHook('preSerialization', (_request, _reply, _payload, done) => done(null, { wrapped: true }));
      root.addHook('onSend', (_request, reply, _payload, done) => {
        void reply.header('www-authenticate', 'Basic').type('text/html').code(200);
        done(null, 'sent');
      });
      root.setErrorHandler((_error, _request, reply) => reply.code(200).send('handled'));
      void root.register(auth.protect());
      const answer = { type: 'object', properties: { only: { type: 'string' } } };
      root.post('/mcp', { schema: { response: { 401: answer, 403: answer } } }, () => ({}));
    });
    for (const [token, body] of [
      [undefined, undefined],
      ['nonsense', undefined],
      [authority.mint(), toolCall('start_deployment')],
      [authority.mint(), toolCall('approve_production')],
      [authority.mint(), { hello: 'world' }],
    ] as const) {
      const answers = [await send(plain, token, body), await send(wrapped, token, body)];
      const [own, other] = await Promise.all(
        answers.map(async (answer) => {
          const headers = [...answer.headers].filter(([name]) => name !== 'date');
          return { status: answer.status, headers, bytes: await answer.text() };
        }),
      );
      expect(own?.status).toBeGreaterThanOrEqual(400);
      expect(other).toEqual(own);
    }
  });

  it('sends refusals with the headers that hooks set before, and tells onResponse hooks of them', async () => {
    const told: number[] = [];
    await using app = await start((root, auth) => {
      root.addHook('onRequest', (_request, reply, done) => {
        void reply
          .header('x-request-id', 'one')
          .header('access-control-allow-origin', 'https://page.example');
        done();
      });
      root.addHook('onResponse', (_request, reply, done) => {
        told.push(reply.statusCode);
        done();
      });
      void root.register(auth.protect());
      root.post('/mcp', () => ({}));
    });
    for (const [token, status] of [
      [undefined, 401],
      [authority.mint({ scope: 'other' }), 403],
    ] as const) {
      const response = await send(app, token);
      expect([response.status, response.headers.get('x-request-id')]).toEqual([status, 'one']);
      expect(response.headers.get('access-control-allow-origin')).toBe('https://page.example');
    }
    await expect.poll(() => told).toEqual([401, 403]);
  });

  it('reports a request once, where it is registered for a scope and for one around it', async () => {
    await using app = await start((root, auth) => {
      void root.register(auth.protect());
      void root.register(async (scope) => {
        await scope.register(auth.protect());
        scope.post('/mcp', (request) => ({ clientId: request.auth?.clientId }));
      });
    });
    expect(await (await send(app, authority.mint())).json()).toEqual({ clientId: 'test-client' });
    expect((await send(app, authority.mint(), toolCall('start_deployment'))).status).toBe(403);
    expect(app.decisions.map(({ outcome }) => outcome)).toEqual(['allowed', 'refused']);
  });

  it('protects what a handler or an earlier hook passes on to the handler of what is not found', async () => {
    const reached: unknown[] = [];
    await using app = await start((root, auth) => {
      root.addHook('onRequest', (request, reply, done) => {
        if (request.url === '/early') reply.callNotFound();
        else done();
      });
      void root.register(auth.protect());
      root.post('/early', () => ({}));
      root.post('/mcp', (_request, reply) => reply.callNotFound());
      root.setNotFoundHandler((request, reply) => {
        reached.push(request.auth?.clientId);
        return reply.code(404).send({});
      });
    });
    expect((await send(app, authority.mint())).status).toBe(404);
    expect([reached, app.decisions.length]).toEqual([['test-client'], 1]);
    expect((await send(app, undefined, undefined, { path: '/early' })).status).toBe(401);
    expect((await send(app, authority.mint(), undefined, { path: '/early' })).status).toBe(404);
    expect(reached).toEqual(['test-client', 'test-client']);
  });

  it('leaves errors of handlers to Fastify', async () => {
    await using app = await start((root, auth) => {
      root.setErrorHandler((error: Error, _request, reply) => reply.code(418).send(error.message));
      void root.register(auth.protect());
      root.post('/mcp', () => {
        throw new Error('broken');
      });
    });
    const response = await send(app, authority.mint());
    expect([response.status, await response.text()]).toEqual([418, 'broken']);
  });

  it.each<[string, (scope: FastifyInstance) => void]>([
    [
      'reply.header()',
      (scope) =>
        scope.post('/mcp', (_request, reply) => reply.header('Mcp-Session-Id', 'session-1').send({})),
    ],
    [
      'the raw response',
      (scope) =>
        scope.post('/mcp', (_request, reply) => {
          reply.hijack().raw.writeHead(200, { 'mcp-session-id': 'session-1' }).end();
        }),
    ],
  ])('RS26: ties a session to its caller that is opened by %s', async (_name, addRoute) => {
    await using app = await start((root, auth) => {
      void root.register(auth.protect());
      addRoute(root);
    });
    const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} };
    expect((await send(app, authority.mint(), initialize)).headers.get('mcp-session-id')).toBe('session-1');
    const headers = { 'mcp-session-id': 'session-1' };
    const other = authority.mint({ sub: 'mallory', client_id: 'mallory' });
    expect((await send(app, other, undefined, { headers })).status).toBe(404);
    expect(app.decisions.at(-1)?.reason).toBe('session_of_another');
    expect((await send(app, authority.mint(), undefined, { headers })).status).toBe(200);
  });
});

describe('protect() beside @fastify/cors', () => {
  it('leaves to it who reads refusals, and preflights', async () => {
    await using app = await startApp(options(), (root, auth) => {
      void root.register(cors, { origin: 'https://page.example', credentials: true });
      void root.register(auth.protect());
      root.post('/mcp', () => ({}));
    });
    const headers = { origin: 'https://page.example' };
    const refused = await send(app, undefined, undefined, { headers });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://page.example');
    expect(refused.headers.get('access-control-allow-credentials')).toBe('true');
    const asked = { ...headers, 'access-control-request-method': 'POST' };
    const preflight = await fetch(`${app.origin}/mcp`, { method: 'OPTIONS', headers: asked });
    expect(preflight.headers.get('access-control-allow-origin')).toBe('https://page.example');
    expect(preflight.headers.get('access-control-allow-credentials')).toBe('true');
  });
});

describe('callerOf()', () => {
  it('says what is missing where the request was not protected', async () => {
    await using app = await startApp(options(), () => undefined);
    expect(() => app.auth.callerOf({})).toThrow(/^callerOf\(request\): .*register it for this scope/);
  });
});

describe('preload()', () => {
  it('tells whether the keys are there', async () => {
    await using app = await startApp(options(), () => undefined);
    expect(await app.auth.preload()).toBe(true);
  });
});
