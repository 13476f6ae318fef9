import { mcpAuth } from '@mcp-m2m/express';
import { createTestAuthority } from '@mcp-m2m/testing';
import express, { type Request } from 'express';
import { describe, expect, it } from 'vitest';
import { createAuthority } from './authority.ts';
import { METADATA_URL, RESOURCE, send, startProtectedApp, toolCall } from './protected-app.ts';

const authority = await createAuthority();

const METADATA_PATH = new URL(METADATA_URL).pathname;
const options = () => ({ authorizationServers: [authority.issuer], now: authority.now });

describe('metadata()', () => {
  it('serves the document at the path that follows from the resource, for browsers too', async () => {
    await using app = await startProtectedApp({ ...options(), resourceName: 'Deploy desk' });
    const response = await fetch(new URL(METADATA_PATH, app.url));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toMatchObject({
      resource: RESOURCE,
      authorization_servers: [authority.issuer],
      scopes_supported: ['deploy:approve', 'deploy:read', 'deploy:write'],
      bearer_methods_supported: ['header'],
      resource_name: 'Deploy desk',
    });
  });

  it('answers HEAD with the headers of GET and no body', async () => {
    await using app = await startProtectedApp(options());
    const get = await fetch(new URL(METADATA_PATH, app.url));
    const head = await fetch(new URL(METADATA_PATH, app.url), { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers.get('content-length')).toBe(String((await get.arrayBuffer()).byteLength));
    expect(await head.text()).toBe('');
  });

  it.each(['POST', 'PUT', 'DELETE'])('answers %s with 405 and what is allowed', async (method) => {
    await using app = await startProtectedApp(options());
    const response = await fetch(new URL(METADATA_PATH, app.url), { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('leaves every other path to the application', async () => {
    await using app = await startProtectedApp(options());
    const paths = [`${METADATA_PATH}/`, `${METADATA_PATH}x`, '/.well-known/oauth-protected-resource'];
    const statuses = await Promise.all(
      paths.map(async (path) => (await fetch(new URL(path, app.url))).status),
    );
    expect(statuses).toEqual([404, 404, 404]);
  });

  it('ignores the query of a request for the document', async () => {
    await using app = await startProtectedApp(options());
    expect((await fetch(new URL(`${METADATA_PATH}?x=1`, app.url))).status).toBe(200);
  });

  it('uses the bare well-known path for a resource without a path', async () => {
    await using app = await startProtectedApp({ ...options(), resource: 'https://mcp.example.com' });
    const response = await fetch(new URL('/.well-known/oauth-protected-resource', app.url));
    expect(await response.json()).toMatchObject({ resource: 'https://mcp.example.com' });
  });
});

describe('protect()', () => {
  it('contacts nobody for a request without a token', async () => {
    await using fresh = await createTestAuthority({ audience: RESOURCE });
    await using app = await startProtectedApp({ authorizationServers: [fresh.issuer] });
    expect((await send(app, undefined)).status).toBe(401);
    expect(fresh.requests).toEqual([]);
  });

  it('hands the caller to the MCP handler as its authInfo, which is the SDK’s shape', async () => {
    await using app = await startProtectedApp(options());
    const token = authority.mint({ sub: 'nightly', client_id: 'nightly' });
    const response = await send(app, `Bearer ${token}`, toolCall('whoami'));
    expect(await response.text()).toContain('nightly');
    const [caller] = app.callers;
    expect(caller).toMatchObject({ kind: 'machine', clientId: 'nightly', scopes: ['deploy:read'], token });
    expect(caller?.expiresAt).toBeTypeOf('number');
    expect(caller?.resource?.href).toBe(RESOURCE);
  });

  it('gives each request a caller of its own, even for the same token', async () => {
    await using app = await startProtectedApp(options());
    const token = authority.mint();
    await send(app, `Bearer ${token}`);
    const [first] = app.callers;
    first?.scopes.push('deploy:write');
    const escalated = await send(app, `Bearer ${token}`, toolCall('start_deployment', { service: 'web' }));
    expect(escalated.status).toBe(403);
  });

  it('serves parallel requests of different clients without mixing them up', async () => {
    await using app = await startProtectedApp(options());
    const names = Array.from({ length: 30 }, (_, index) => `client-${index}`);
    const answers = await Promise.all(
      names.map(async (name) => {
        const token = authority.mint({ sub: name, client_id: name });
        return (await send(app, `Bearer ${token}`, toolCall('whoami'))).text();
      }),
    );
    for (const [index, answer] of answers.entries()) expect(answer).toContain(`"client-${index}"`);
  });

  it('tells an error of a later handler to Express, not to the caller of protect()', async () => {
    await using app = await startProtectedApp({
      ...options(),
      mount: (server, auth) =>
        server.all('/mcp', auth.protect(), (_, response) => {
          response.status(418).end();
        }),
    });
    expect((await send(app, `Bearer ${authority.mint()}`)).status).toBe(418);
  });

  it('judges what a router below a path received, by the path as it was sent', async () => {
    await using app = await startProtectedApp({
      ...options(),
      mount: (server, auth, handler) => {
        const router = express.Router();
        router.all('/', auth.protect(), handler);
        server.use('/mcp', router);
      },
    });
    expect((await send(app, `Bearer ${authority.mint()}`, toolCall('whoami'))).status).toBe(200);
  });
});

describe('onDecision', () => {
  it('hears of each request once', async () => {
    await using app = await startProtectedApp(options());
    await send(app, undefined);
    await send(app, `Bearer ${authority.mint()}`, toolCall('whoami'));
    expect(app.decisions.map(({ outcome, operations }) => [outcome, operations])).toEqual([
      ['refused', []],
      ['allowed', ['tools/call whoami']],
    ]);
  });

  it('changes nothing when it throws', async () => {
    const onDecision = () => {
      throw new Error('the log is full');
    };
    await using app = await startProtectedApp({ ...options(), onDecision });
    expect((await send(app, undefined)).status).toBe(401);
    expect((await send(app, `Bearer ${authority.mint()}`)).status).toBe(200);
  });

  it('is told of a tool name that is bounded and cannot forge a line', async () => {
    await using app = await startProtectedApp(options());
    await send(app, `Bearer ${authority.mint()}`, toolCall(`x\r\nforged: line${'x'.repeat(5000)}`));
    const [operation = ''] = app.decisions.at(-1)?.operations ?? [];
    expect(operation).toMatch(/^tools\/call x/);
    expect(operation).not.toMatch(/[\r\n]/);
    expect(operation.length).toBeLessThan(1000);
  });
});

describe('callerOf()', () => {
  it('gives the caller of a protected request', async () => {
    const seen: unknown[] = [];
    await using app = await startProtectedApp({
      ...options(),
      mount: (server, auth) =>
        server.all('/mcp', auth.protect(), (request, response) => {
          seen.push(auth.callerOf(request).clientId);
          response.end();
        }),
    });
    await send(app, `Bearer ${authority.mint()}`);
    expect(seen).toEqual(['test-client']);
  });

  it('says what is missing where the request was not protected', () => {
    const auth = mcpAuth({ resource: RESOURCE, authorizationServers: [authority.issuer] });
    expect(() => auth.callerOf({} as Request)).toThrow(
      /^callerOf\(request\): .*mount it before this handler/,
    );
  });
});

describe('preload()', () => {
  it('tells whether the keys are there, and never rejects', async () => {
    await using down = await createTestAuthority();
    down.goDown();
    const auth = mcpAuth({ resource: RESOURCE, authorizationServers: [authority.issuer, down.issuer] });
    expect(await auth.preload()).toBe(false);
    const healthy = mcpAuth({ resource: RESOURCE, authorizationServers: [authority.issuer] });
    expect(await healthy.preload()).toBe(true);
  });
});
