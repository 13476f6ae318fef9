import { describe, expect, it } from 'vitest';

import { TOKEN_EXCHANGE_GRANT } from '../../src/grants/grant-types.ts';
import { adminResourceOf } from '../../src/operations/bootstrap-client.ts';
import { GRANT, MCP, basic, registerWithSecret, requestToken } from '../running-server.ts';
import { startAdmin, type AdminScene } from './admin-scene.ts';

const WORKLOAD = { authentication: { method: 'workload' }, access: [{ resource: MCP, scopes: [] }] };
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

describe('a token of an MCP server does not become one of an administrator', () => {
  it("nobody administers with somebody else's token, nor in somebody else's name", async () => {
    const scene = await startAdmin();
    const gateway = await registerGateway(scene);
    const secret = await registerWithSecret(scene, 'innocent');
    const { body } = await requestToken(scene, { ...GRANT, resource: MCP }, basic('innocent', secret));
    const token = await gateway.exchange(String(body['access_token']));
    const answer = await scene.call('POST', '/clients', { token, body: { ...WORKLOAD, clientId: 'made' } });
    expect(answer).toMatchObject({ status: 403, body: { code: 'delegation_not_allowed' } });
    expect((await scene.call('GET', '/clients/made')).status).toBe(404);
    expect((await scene.call('GET', '/clients', { token })).status).toBe(403);
    const refused = await scene.call('GET', '/audit?type=request_refused&reason=delegation_not_allowed');
    expect(refused.body.entries).toMatchObject([{ clientId: 'gateway' }, { clientId: 'gateway' }]);
    expect((await scene.call('GET', '/audit?actor=innocent&type=client_created')).body.entries).toEqual([]);
  });

  it('resources that look like the administration open nothing of it', async () => {
    const scene = await startAdmin();
    const alike = ['/admin/', '/Admin', '/admin/v1', '/%61dmin', '/admin?', ''].map(
      (path) => scene.issuer + path,
    );
    for (const [index, resource] of alike.entries()) {
      const created = await scene.call('POST', '/resources', {
        body: { resource, scopes: ['admin:read', 'admin:write'] },
      });
      expect(created.status, resource).toBe(201);
      const secret = await registerWithSecret(scene, `alike-${index}`, ['admin:write'], [resource]);
      const { body } = await requestToken(scene, { ...GRANT, resource }, basic(`alike-${index}`, secret));
      const token = String(body['access_token']);
      expect((await scene.call('GET', '/clients', { token })).status, resource).toBe(401);
    }
  });
});

describe('an administrator whose access is taken away', () => {
  it('is out at once, whatever token it holds', async () => {
    const { call, tokenWith } = await startAdmin();
    const token = await tokenWith(['admin:read', 'admin:write']);
    expect((await call('GET', '/clients', { token })).status).toBe(200);
    await call('PATCH', '/clients/administrator-2', { body: { access: [{ resource: MCP, scopes: [] }] } });
    expect((await call('GET', '/clients', { token })).status).toBe(401);
  });

  it('may no longer change anything with a token from before it could only read', async () => {
    const { call, tokenWith, issuer } = await startAdmin();
    const token = await tokenWith(['admin:read', 'admin:write']);
    expect((await call('DELETE', '/clients/nobody', { token })).status).toBe(404);
    const access = [{ resource: adminResourceOf(issuer), scopes: ['admin:read'] }];
    await call('PATCH', '/clients/administrator-2', { body: { access } });
    expect((await call('DELETE', '/clients/nobody', { token })).status).toBe(401);
  });

  it('is out at once with a token whose signing key is retired', async () => {
    const { call, token, server } = await startAdmin();
    expect((await call('GET', '/clients')).status).toBe(200);
    const current = (await server.signingKeys.list()).find(({ state }) => state === 'current');
    await server.signingKeys.retire(current?.keyId ?? '');
    expect((await call('GET', '/clients', { token })).status).toBe(401);
  });
});

describe('an administrator cannot lock itself out by mistake', () => {
  it('does not delete, disable or strip the client that it uses', async () => {
    const { call, issuer } = await startAdmin();
    const own = '/clients/administrator-1';
    const administration = adminResourceOf(issuer);
    const attempts = [
      await call('DELETE', own),
      await call('POST', `${own}/disable`),
      await call('PATCH', own, { body: { access: [{ resource: MCP, scopes: [] }] } }),
      await call('PATCH', own, { body: { access: [{ resource: administration, scopes: ['admin:read'] }] } }),
    ];
    for (const attempt of attempts)
      expect(attempt).toMatchObject({ status: 409, body: { code: 'own_client' } });
    const access = [
      { resource: administration, scopes: ['admin:read', 'admin:write'] },
      { resource: MCP, scopes: [] },
    ];
    expect((await call('PATCH', own, { body: { access, label: 'Mine' } })).status).toBe(200);
    expect((await call('GET', own)).body).toMatchObject({ label: 'Mine', state: 'enabled' });
  });

  it('another administrator does it', async () => {
    const { call, tokenWith } = await startAdmin();
    const token = await tokenWith(['admin:write']);
    expect((await call('POST', '/clients/administrator-1/disable', { token })).status).toBe(200);
    expect((await call('DELETE', '/clients/administrator-1', { token })).status).toBe(204);
  });
});

/** A client that administers, serves an MCP server, and may exchange tokens. */
async function registerGateway(scene: AdminScene) {
  const resource = adminResourceOf(scene.issuer);
  const { secret = '' } = await scene.server.clients.create({
    clientId: 'gateway',
    authentication: { method: 'secret' },
    grantTypes: ['client_credentials', TOKEN_EXCHANGE_GRANT],
    access: [
      { resource: MCP, scopes: ['deploy:read'] },
      { resource, scopes: ['admin:read', 'admin:write'] },
    ],
  });
  return {
    async exchange(subjectToken: string): Promise<string> {
      const { body } = await requestToken(
        scene,
        {
          grant_type: TOKEN_EXCHANGE_GRANT,
          subject_token: subjectToken,
          subject_token_type: ACCESS_TOKEN,
          resource,
        },
        basic('gateway', secret),
      );
      return String(body['access_token']);
    },
  };
}
