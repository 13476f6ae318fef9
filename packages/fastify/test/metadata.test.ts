import { mcpAuth } from '@mcp-m2m/fastify';
import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METADATA_PATH, RESOURCE, startApp } from './protected-app.ts';
import { FASTIFY_VERSIONS } from './running-fastify.ts';

let authority: TestAuthority;

beforeAll(async () => {
  authority = await createTestAuthority();
});

afterAll(() => authority.close());

describe.each(FASTIFY_VERSIONS)('metadata() in %s', (_, createFastify) => {
  const start = (resource = RESOURCE) =>
    startApp(
      { authorizationServers: [authority.issuer], resource },
      (app, auth) => {
        void app.register(auth.metadata());
        app.get('/open', () => 'open');
      },
      { createFastify },
    );

  it('serves the document without a route, and HEAD with its headers', async () => {
    await using app = await start();
    const response = await fetch(`${app.origin}${METADATA_PATH}?x=1`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    const bytes = await response.text();
    expect(JSON.parse(bytes)).toMatchObject({
      resource: RESOURCE,
      authorization_servers: [authority.issuer],
    });
    const head = await fetch(`${app.origin}${METADATA_PATH}`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(bytes)));
  });

  it('says what is allowed, in answer to methods that Fastify does not know too', async () => {
    await using app = await start();
    for (const method of ['POST', 'DELETE', 'PROPFIND']) {
      const response = await fetch(`${app.origin}${METADATA_PATH}`, { method });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    }
  });

  it('leaves everything else to the application', async () => {
    await using app = await start();
    expect(await (await fetch(`${app.origin}/open`)).text()).toBe('open');
    expect((await fetch(`${app.origin}${METADATA_PATH}/`)).status).toBe(404);
  });

  it.each(['/a/:b', '/a*', '/%C3%A4/(x)'])('serves it where the resource has the path %s', async (path) => {
    await using app = await start(`https://mcp.example.com${path}`);
    const response = await fetch(`${app.origin}/.well-known/oauth-protected-resource${path}`);
    expect(response.status).toBe(200);
  });

  it('serves it by the path as it was sent, whatever that is rewritten to', async () => {
    await using app = await startApp(
      { authorizationServers: [authority.issuer] },
      (fastify, auth) => void fastify.register(auth.metadata()),
      { createFastify, rewriteUrl: () => '/rewritten' },
    );
    expect((await fetch(`${app.origin}${METADATA_PATH}`)).status).toBe(200);
  });

  it('serves several resources that differ in their query alone', async () => {
    await using app = await startApp(
      { authorizationServers: [authority.issuer], resource: `${RESOURCE}?tenant=1` },
      (fastify, auth) => {
        const second = mcpAuth({
          resource: `${RESOURCE}?tenant=2`,
          authorizationServers: [authority.issuer],
        });
        void fastify.register(auth.metadata()).register(second.metadata());
      },
      { createFastify },
    );
    for (const tenant of [1, 2]) {
      const response = await fetch(`${app.origin}${METADATA_PATH}?tenant=${tenant}`);
      expect(await response.json()).toMatchObject({ resource: `${RESOURCE}?tenant=${tenant}` });
    }
  });

  it.each([
    ['with a prefix', { prefix: '/inner' }],
    ['without a prefix', {}],
  ])('says where it belongs when it is registered in a scope %s', async (_name, options) => {
    const app = createFastify();
    const auth = mcpAuth({ resource: RESOURCE, authorizationServers: [authority.issuer] });
    void app.register(async (scope) => {
      await scope.register(auth.metadata());
    }, options);
    await expect(app.ready()).rejects.toThrow(
      /^metadata\(\) does not work in a scope: register it on the app/,
    );
    await app.close();
  });
});
