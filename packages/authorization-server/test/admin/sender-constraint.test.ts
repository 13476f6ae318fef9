import { createDpopProof, generateDpopKey } from '@mcp-m2m/testing';
import { describe, expect, it } from 'vitest';

import { adminResourceOf } from '../../src/operations/bootstrap-client.ts';
import { basic, GRANT, requestToken } from '../running-server.ts';
import { startAdmin } from './admin-scene.ts';

describe('an administrator whose tokens are bound to a key', () => {
  it.each(['', '/auth'])('proves that key with every request (issuer path "%s")', async (issuerPath) => {
    const scene = await startAdmin({ issuerPath });
    const { issuer, call } = scene;
    const { secret = '' } = await scene.server.clients.create({
      clientId: 'bound',
      authentication: { method: 'secret' },
      senderConstraint: 'dpop',
      access: [{ resource: adminResourceOf(issuer), scopes: ['admin:read'] }],
    });
    const key = await generateDpopKey();
    const proof = createDpopProof({ key, method: 'POST', url: `${issuer}/token` });
    const { body } = await requestToken(scene, GRANT, { ...basic('bound', secret), DPoP: proof });
    const token = String(body['access_token']);
    const prove = (method: string, path: string) =>
      createDpopProof({ key, method, url: `${issuer}/admin/v1${path}`, accessToken: token });
    const headers = (dpop: string) => ({ authorization: `DPoP ${token}`, DPoP: dpop });
    const right = prove('GET', '/clients');
    const answer = await call('GET', '/clients?limit=5', { headers: headers(right) });
    expect(answer.status, answer.text).toBe(200);
    expect((await call('GET', '/clients', { headers: headers(right) })).status).toBe(401);
    expect((await call('GET', '/clients', { headers: headers(prove('GET', '/server')) })).status).toBe(401);
    expect((await call('GET', '/clients', { headers: headers(prove('POST', '/clients')) })).status).toBe(401);
    expect((await call('GET', '/clients', { token })).status).toBe(401);
  });
});
