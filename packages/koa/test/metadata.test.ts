import { createServer } from 'node:http';
import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import Koa from 'koa';
import mount from 'koa-mount';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METADATA_PATH, RESOURCE, startApp } from './protected-app.ts';
import { KOA_VERSIONS } from './running-koa.ts';

let authority: TestAuthority;

beforeAll(async () => {
  authority = await createTestAuthority();
});

afterAll(() => authority.close());

const options = () => ({ authorizationServers: [authority.issuer] });

describe.each(KOA_VERSIONS)('metadata() in %s', (...version) => {
  const start = () =>
    startApp(options(), (app, auth) => app.use(auth.metadata()).use(auth.protect()), version);

  it('serves the document, and HEAD with its headers', async () => {
    await using app = await start();
    const response = await fetch(`${app.origin}${METADATA_PATH}`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
    const bytes = await response.text();
    expect(JSON.parse(bytes)).toMatchObject({
      resource: RESOURCE,
      authorization_servers: [authority.issuer],
    });
    const head = await fetch(`${app.origin}${METADATA_PATH}`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(bytes)));
  });

  it('says what is allowed, and leaves other paths alone', async () => {
    await using app = await start();
    const deleted = await fetch(`${app.origin}${METADATA_PATH}`, { method: 'DELETE' });
    expect([deleted.status, deleted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await fetch(`${app.origin}${METADATA_PATH}/`)).status).toBe(401);
  });
});

describe('metadata()', () => {
  it('goes by the path as it was sent, where it is mounted or Koa itself is', async () => {
    await using mounted = await startApp(options(), (app, auth) =>
      app.use(mount('/.well-known', auth.metadata())),
    );
    expect((await fetch(`${mounted.origin}${METADATA_PATH}`)).status).toBe(200);
    const inner = new Koa().use(mounted.auth.metadata()).callback();
    const outer = createServer((request, response) => {
      // As Express does it.
      Object.assign(request, { originalUrl: request.url, url: '/stripped' });
      void inner(request, response);
    });
    await new Promise<void>((resolve) => outer.listen(0, '127.0.0.1', resolve));
    const { port } = outer.address() as { port: number };
    const status = (await fetch(`http://127.0.0.1:${port}${METADATA_PATH}`)).status;
    outer.close();
    expect(status).toBe(200);
  });
});
