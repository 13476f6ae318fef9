import { describe, expect, it, onTestFinished } from 'vitest';

import { GRANT, MCP, basic, registerWithSecret, requestToken, startServer } from '../running-server.ts';
import { startAdmin } from './admin-scene.ts';

describe('the administrative API is a protected resource', () => {
  it('without a token: 401, where to get one, and no word of what is there', async () => {
    const { issuer } = await startAdmin();
    for (const path of ['/clients', '/nothing-here']) {
      const response = await fetch(`${issuer}/admin/v1${path}`);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain(
        `resource_metadata="${issuer}/.well-known/oauth-protected-resource/admin"`,
      );
      expect(response.headers.get('content-type')).toBe('application/problem+json');
    }
  });

  it('its metadata names this server as the one that issues tokens for it', async () => {
    const { issuer } = await startAdmin();
    const response = await fetch(`${issuer}/.well-known/oauth-protected-resource/admin`);
    expect(await response.json()).toMatchObject({
      resource: `${issuer}/admin`,
      authorization_servers: [issuer],
    });
  });

  it('a token for an MCP server opens nothing here', async () => {
    const scene = await startAdmin();
    const secret = await registerWithSecret(scene, 'worker');
    const { body } = await requestToken(scene, { ...GRANT, resource: MCP }, basic('worker', secret));
    const answer = await scene.call('GET', '/clients', { token: body['access_token'] as string });
    expect(answer.status).toBe(401);
  });

  it('admin:read reads and changes nothing', async () => {
    const { call, tokenWith } = await startAdmin();
    const token = await tokenWith(['admin:read']);
    expect((await call('GET', '/clients', { token })).status).toBe(200);
    const refused = await call('DELETE', '/clients/anybody', { token });
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toContain('insufficient_scope');
    expect(refused.headers.get('www-authenticate')).toContain('admin:write');
  });

  it('admin:write reads as well', async () => {
    const { call, tokenWith } = await startAdmin();
    expect((await call('GET', '/clients', { token: await tokenWith(['admin:write']) })).status).toBe(200);
  });

  it('an administrator who is disabled is out at once, whatever token it holds', async () => {
    const { call, tokenWith, server } = await startAdmin();
    const token = await tokenWith(['admin:read']);
    expect((await call('GET', '/clients', { token })).status).toBe(200);
    await server.clients.disable('administrator-2');
    expect((await call('GET', '/clients', { token })).status).toBe(401);
  });

  it('who did it stands in the audit trail, and so do refusals', async () => {
    const { call, tokenWith } = await startAdmin();
    await call('DELETE', '/clients/anybody', { token: await tokenWith(['admin:read']) });
    await call('POST', '/clients', {
      body: {
        clientId: 'made',
        authentication: { method: 'workload' },
        access: [{ resource: MCP, scopes: [] }],
      },
    });
    const made = await call('GET', '/audit?type=client_created&clientId=made');
    expect(made.body.entries).toMatchObject([{ actor: 'administrator-1', address: '127.0.0.1' }]);
    const refused = await call('GET', '/audit?type=request_refused&reason=scope_insufficient');
    expect(refused.body.entries).toMatchObject([{ clientId: 'administrator-2' }]);
  });

  it('an issuer with a path has its administration below it', async () => {
    const { call, issuer } = await startAdmin({ issuerPath: '/auth' });
    expect(issuer).toMatch(/\/auth$/);
    expect((await call('GET', '/server')).body).toMatchObject({
      issuer,
      caller: { clientId: 'administrator-1', scopes: ['admin:read', 'admin:write'] },
    });
  });

  it('is not there unless it was asked for', async () => {
    const running = await startServer();
    onTestFinished(() => running.stop());
    for (const path of ['/admin/v1/openapi.json', '/admin/v1/clients']) {
      expect((await fetch(running.issuer + path)).status).toBe(404);
    }
  });

  it('a body of more than a mebibyte is refused', async () => {
    const { call } = await startAdmin();
    const { status } = await call('POST', '/clients', { body: { label: 'x'.repeat(1_100_000) } });
    expect(status).toBe(413);
  });
});
