import { afterAll, describe, expect, it } from 'vitest';

import { isInAddressList } from '../../src/clients/address-list.ts';
import { claimsFor, registerWithKey, requestWithAssertion, signAssertion } from '../assertion.ts';
import {
  GRANT,
  lastReason,
  MCP,
  OTHER_MCP,
  registerWithSecret,
  requestToken,
  startServer,
} from '../running-server.ts';

let now = Date.now();
const running = await startServer({ now: () => now });
afterAll(async () => await running.stop());
const { clients } = running.server;

function ask(clientId: string, secret: string, parameters: Record<string, string> = {}) {
  return requestToken(running, { ...GRANT, client_id: clientId, client_secret: secret, ...parameters });
}

function claimsOf(token: unknown): Record<string, unknown> {
  return JSON.parse(Buffer.from(String(token).split('.')[1] as string, 'base64url').toString()) as never;
}

describe('what is registered of a client', () => {
  it('A5: its expiry ends it, and is not told from a wrong secret', async () => {
    const secret = await registerWithSecret(running, 'expiring');
    await clients.update('expiring', { expiresAt: new Date(now + 60_000).toISOString() });
    expect((await ask('expiring', secret)).status).toBe(200);
    now += 60_000;
    const refused = await ask('expiring', secret);
    expect(lastReason(running)).toBe('client_expired');
    const wrong = await ask('expiring', 'wrong');
    expect(lastReason(running)).toBe('secret_wrong');
    expect([refused.status, refused.text]).toEqual([401, wrong.text]);
    expect(refused.headers.get('www-authenticate')).toBe(wrong.headers.get('www-authenticate'));
  });

  it('A5: its addresses are the only ones it is answered at', async () => {
    const secret = await registerWithSecret(running, 'at-home');
    await clients.update('at-home', { addresses: ['203.0.113.0/24', '2001:db8::/32'] });
    const refused = await ask('at-home', secret);
    expect(lastReason(running)).toBe('address_not_allowed');
    expect([refused.status, refused.text]).toEqual([401, (await ask('at-home', 'wrong')).text]);
    // A forwarded address is anybody's word.
    const forwarded = { 'x-forwarded-for': '203.0.113.7', forwarded: 'for=203.0.113.7' };
    const claimed = await requestToken(
      running,
      { ...GRANT, client_id: 'at-home', client_secret: secret },
      forwarded,
    );
    expect(claimed.status).toBe(401);
    await clients.update('at-home', { addresses: ['203.0.113.0/24', '127.0.0.0/8'] });
    expect((await ask('at-home', secret)).status).toBe(200);
  });

  it('its addresses are those that a trusted proxy tells', async () => {
    const behindProxy = await startServer({ trustedProxies: ['127.0.0.1'] });
    const secret = await registerWithSecret(behindProxy, 'at-home');
    await behindProxy.server.clients.update('at-home', { addresses: ['203.0.113.0/24'] });
    const from = async (address: string) =>
      await requestToken(
        behindProxy,
        { ...GRANT, client_id: 'at-home', client_secret: secret },
        { 'x-forwarded-for': address },
      );
    expect((await from('203.0.113.7')).status).toBe(200);
    expect((await from('203.0.114.7')).status).toBe(401);
    expect((await from('203.0.113.7, 203.0.114.7')).status).toBe(401);
    expect(lastReason(behindProxy)).toBe('address_not_allowed');
    await behindProxy.stop();
  });

  it('A10: a grant it is not registered for is unauthorized_client', async () => {
    const secret = await registerWithSecret(running, 'exchanger');
    await clients.update('exchanger', { grantTypes: ['urn:ietf:params:oauth:grant-type:token-exchange'] });
    const answer = await ask('exchanger', secret);
    expect([answer.status, answer.body['error']]).toEqual([400, 'unauthorized_client']);
    expect(answer.body['error_description']).toContain('token-exchange');
    expect(lastReason(running)).toBe('grant_type_not_registered');
  });

  it('A13: its default resource takes the place of a missing one', async () => {
    const secret = await registerWithSecret(running, 'defaulted', ['deploy:read'], [MCP, OTHER_MCP]);
    expect((await ask('defaulted', secret)).body['error']).toBe('invalid_target');
    await clients.update('defaulted', { defaultResource: OTHER_MCP });
    const answer = await ask('defaulted', secret);
    expect(claimsOf(answer.body['access_token'])['aud']).toBe(OTHER_MCP);
    const named = await ask('defaulted', secret, { resource: MCP });
    expect(claimsOf(named.body['access_token'])['aud']).toBe(MCP);
  });

  it('A14: its default scopes are given when none is asked for, and returned', async () => {
    const { secret } = await clients.create({
      clientId: 'narrow',
      authentication: { method: 'secret' },
      access: [{ resource: MCP, scopes: ['deploy:read', 'deploy:write'], defaultScopes: ['deploy:read'] }],
    });
    const answer = await ask('narrow', secret as string);
    expect([answer.status, answer.body['scope']]).toEqual([200, 'deploy:read']);
    expect(claimsOf(answer.body['access_token'])['scope']).toBe('deploy:read');
    const more = await ask('narrow', secret as string, { scope: 'deploy:write' });
    expect([more.status, more.body['scope']]).toEqual([200, 'deploy:write']);
    const beyond = await ask('narrow', secret as string, { scope: 'deploy:approve' });
    expect(beyond.body['error']).toBe('invalid_scope');

    await clients.update('narrow', {
      access: [{ resource: MCP, scopes: ['deploy:read'], defaultScopes: [] }],
    });
    const none = await ask('narrow', secret as string);
    expect(none.status).toBe(200);
    expect(claimsOf(none.body['access_token'])).not.toHaveProperty('scope');
  });

  it('the lifetime of its tokens is its own, in the answer, the token and the event', async () => {
    const secret = await registerWithSecret(running, 'long');
    expect((await ask('long', secret)).body['expires_in']).toBe(300);
    for (const seconds of [60, 86_400]) {
      await clients.update('long', { tokenLifetimeSeconds: seconds });
      const answer = await ask('long', secret);
      expect(answer.body['expires_in']).toBe(seconds);
      const { exp, iat } = claimsOf(answer.body['access_token']);
      expect(Number(exp) - Number(iat)).toBe(seconds);
      expect(running.events.at(-1)).toMatchObject({ type: 'token_issued', expiresAt: exp });
    }
  });

  it('without a credential of its own it authenticates with none', async () => {
    await clients.create({
      clientId: 'pod',
      authentication: { method: 'workload' },
      access: [{ resource: MCP, scopes: ['deploy:read'] }],
    });
    expect(await clients.get('pod')).toMatchObject({
      authentication: { method: 'workload' },
      grantTypes: ['urn:ietf:params:oauth:grant-type:jwt-bearer'],
    });
    const signer = await registerWithKey(running, 'signer-beside-pod');
    const assertion = await signAssertion(signer.privateKey, claimsFor({ clientId: 'pod' }, running));
    // Whatever grants it is registered for.
    await clients.update('pod', { grantTypes: ['client_credentials'] });
    for (const answer of [
      await ask('pod', 'any'),
      await ask('pod', ''),
      await requestToken(running, { ...GRANT, client_id: 'pod' }),
      await requestWithAssertion(running, assertion),
    ]) {
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.body).not.toHaveProperty('access_token');
    }
    await expect(clients.secrets.create('pod')).rejects.toMatchObject({
      code: 'authentication_method_mismatch',
    });
  });

  it('A17: assertions for the token endpoint are accepted from a client that is set so, and from no other', async () => {
    now = Date.now();
    const client = await registerWithKey(running, 'old-library');
    const askFor = async (aud: unknown) =>
      await requestWithAssertion(
        running,
        await signAssertion(client.privateKey, claimsFor(client, running, { aud })),
      );
    const tokenEndpoint = `${running.issuer}/token`;
    expect((await askFor(tokenEndpoint)).status).toBe(401);
    await clients.update('old-library', { assertionAudience: 'token-endpoint' });
    for (const aud of [tokenEndpoint, [tokenEndpoint], running.issuer]) {
      expect((await askFor(aud)).status).toBe(200);
    }
    for (const aud of [
      [tokenEndpoint, running.issuer],
      [tokenEndpoint, 'https://evil.example.com'],
      `${tokenEndpoint}/`,
      'https://evil.example.com/token',
    ]) {
      expect((await askFor(aud)).status).toBe(401);
    }
  });
});

describe('an address list', () => {
  it.each<[readonly string[], string | undefined, boolean]>([
    [['10.0.0.0/8'], '10.255.0.1', true],
    [['10.0.0.0/8'], '11.0.0.1', false],
    [['10.0.0.7'], '10.0.0.7', true],
    [['10.0.0.7'], '10.0.0.70', false],
    [['10.0.0.0/8'], '::ffff:10.0.0.1', true],
    [['::ffff:10.0.0.1'], '10.0.0.1', false],
    [['::/0'], '10.0.0.1', false],
    [['0.0.0.0/0'], '2001:db8::1', false],
    [['2001:db8::/32'], '2001:DB8:1::1', true],
    [['2001:db8::/32'], '2001:db9::1', false],
    [['fe80::/10'], 'fe80::1%eth0', true],
    [['2001:db8::1'], '2001:db8:0:0:0:0:0:1', true],
    [['10.0.0.0/8', '2001:db8::/32'], '2001:db8::5', true],
    [['0.0.0.0/0', '::/0'], undefined, false],
    [['0.0.0.0/0', '::/0'], 'unix', false],
  ])('%j holds %s: %s', (entries, address, expected) => {
    expect(isInAddressList(entries, address)).toBe(expected);
  });
});
