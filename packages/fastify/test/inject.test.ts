import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  LIST_TOOLS,
  METADATA_PATH,
  RESOURCE,
  startApp,
  toolCall,
  type ProtectedApp,
} from './protected-app.ts';
import { FASTIFY_VERSIONS } from './running-fastify.ts';

let authority: TestAuthority;

beforeAll(async () => {
  authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
});

afterAll(() => authority.close());

describe.each(FASTIFY_VERSIONS)('inject() in %s', (_, createFastify) => {
  const start = (): Promise<ProtectedApp> =>
    startApp(
      { authorizationServers: [authority.issuer], now: authority.now },
      (root, auth) => {
        void root.register(auth.metadata()).register(auth.protect());
        root.all('/mcp', async ({ auth: caller, body, raw }, reply) => {
          const stream = body === undefined || raw.method === 'GET' ? await text(raw) : undefined;
          return reply.send({ clientId: caller?.clientId, body, stream });
        });
      },
      { createFastify },
    );
  const bearer = () => ({ authorization: `Bearer ${authority.mint()}` });

  it('is answered as a request over HTTP is: the metadata, a refusal, a handler', async () => {
    await using protectedApp = await start();
    const { app, origin } = protectedApp;
    const metadata = await app.inject(METADATA_PATH);
    expect(metadata.payload).toBe(await (await fetch(`${origin}${METADATA_PATH}`)).text());
    const refused = await app.inject({ method: 'POST', url: '/mcp', payload: LIST_TOOLS });
    expect([refused.statusCode, refused.headers['content-type']]).toEqual([401, 'application/json']);
    const overHttp = await fetch(`${origin}/mcp`, { method: 'POST' });
    expect(refused.headers['www-authenticate']).toBe(overHttp.headers.get('www-authenticate'));
    expect(refused.payload).toBe(await overHttp.text());
    const headers = bearer();
    const served = await app.inject({ method: 'POST', url: '/mcp', headers, payload: LIST_TOOLS });
    expect(served.json()).toEqual({ clientId: 'test-client', body: LIST_TOOLS });
    const payload = toolCall('start_deployment');
    expect((await app.inject({ method: 'POST', url: '/mcp', headers, payload })).statusCode).toBe(403);
  });

  it('may have no body, or one that Fastify does not parse', async () => {
    await using protectedApp = await start();
    const { app } = protectedApp;
    const headers = bearer();
    const bare = await app.inject({ method: 'POST', url: '/mcp', headers });
    expect(bare.json()).toEqual({ clientId: 'test-client', stream: '' });
    const get = await app.inject({ method: 'GET', url: '/mcp', headers, payload: LIST_TOOLS });
    const { clientId, stream } = get.json<{ clientId: string; stream: string }>();
    expect([clientId, JSON.parse(stream)]).toEqual(['test-client', LIST_TOOLS]);
    const payload = toolCall('start_deployment');
    expect((await app.inject({ method: 'GET', url: '/mcp', headers, payload })).statusCode).toBe(403);
  });

  it('is refused with several Authorization headers', async () => {
    await using protectedApp = await start();
    const authorization = [bearer().authorization, 'Bearer other'];
    const headers = { authorization } as unknown as Record<string, string>;
    const { statusCode } = await protectedApp.app.inject({ url: '/mcp', headers });
    expect(statusCode).toBe(400);
  });
});
