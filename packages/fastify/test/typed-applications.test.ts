import { connect } from 'node:http2';
import { mcpAuth, type Caller } from '@mcp-m2m/fastify';
import { createTestAuthority } from '@mcp-m2m/testing';
import Fastify, { type FastifyTypeProvider } from 'fastify';
import { expect, it } from 'vitest';
import { ACCESS, LIST_TOOLS, RESOURCE } from './protected-app.ts';

interface Messages extends FastifyTypeProvider {
  readonly validator: { readonly jsonrpc: string };
}

it('an application with a type provider takes both plugins, and its handlers know the caller', async () => {
  await using authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
  const auth = mcpAuth({ resource: RESOURCE, authorizationServers: [authority.issuer], access: ACCESS });
  const app = Fastify({ logger: false }).withTypeProvider<Messages>();
  await app.register(auth.metadata());
  await app.register(auth.protect());
  app.post('/mcp', { schema: { body: {} } }, (request) => {
    const caller: Caller | undefined = request.auth;
    return { scopes: caller?.scopes, version: request.body.jsonrpc };
  });
  const headers = { authorization: `Bearer ${authority.mint()}` };
  const served = await app.inject({ method: 'POST', url: '/mcp', headers, payload: LIST_TOOLS });
  expect(served.json()).toEqual({ scopes: ['deploy:read'], version: '2.0' });
  await app.close();
});

it('an application over HTTP/2 takes both plugins, and refuses and serves', async () => {
  await using authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
  const auth = mcpAuth({ resource: RESOURCE, authorizationServers: [authority.issuer], access: ACCESS });
  const app = Fastify({ http2: true });
  await app.register(auth.metadata());
  await app.register(auth.protect());
  app.post('/mcp', (request) => ({ clientId: request.auth?.clientId }));
  const session = connect(await app.listen({ host: '127.0.0.1', port: 0 }));
  const call = (headers: object): Promise<readonly [number | undefined, string]> =>
    new Promise((resolve, reject) => {
      const common = { ':path': '/mcp', ':method': 'POST', 'content-type': 'application/json' };
      const stream = session.request({ ...common, ...headers });
      let status: number | undefined;
      let text = '';
      stream.on('response', (received) => (status = received[':status']));
      stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      stream.on('end', () => resolve([status, text])).on('error', reject);
      stream.end(JSON.stringify(LIST_TOOLS));
    });
  expect((await call({}))[0]).toBe(401);
  const authorization = `Bearer ${authority.mint()}`;
  expect(await call({ authorization })).toEqual([200, '{"clientId":"test-client"}']);
  session.destroy();
  await app.close();
});
