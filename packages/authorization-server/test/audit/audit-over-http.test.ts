import { describe, expect, it } from 'vitest';

import type { AuthorizationServerEvent } from '../../src/index.ts';
import { claimsFor, registerWithKey, requestWithAssertion, signAssertion } from '../assertion.ts';
import { basic, GRANT, MCP, post, registerWithSecret, requestToken } from '../running-server.ts';
import { startServerForFile } from '../server-for-file.ts';

const running = await startServerForFile();
const { audit, clients, usage } = running.server;

describe('the audit trail of a server', () => {
  it('has every refusal at the token endpoint, with its true reason and the address', async () => {
    const secret = await registerWithSecret(running, 'nightly');
    const signer = await registerWithKey(running, 'signer');
    const assertion = await signAssertion(signer.privateKey, claimsFor(signer, running));
    const authorized = basic('nightly', secret);
    await requestWithAssertion(running, assertion);
    await requestToken(running, GRANT, basic('nightly', 'wrong'));
    await requestToken(running, GRANT, basic('unknown', secret));
    await requestToken(running, { ...GRANT, scope: 'root' }, authorized);
    await requestToken(running, { ...GRANT, resource: 'https://elsewhere.example.com' }, authorized);
    await requestToken(running, { grant_type: 'password' }, authorized);
    await requestWithAssertion(running, assertion);
    await post(`${running.issuer}/token`, '{}', { 'content-type': 'application/json' });
    await fetch(`${running.issuer}/token`);
    await post(`${running.issuer}/token`, new URLSearchParams({ x: 'x'.repeat(60_000) }));
    const { entries } = await audit.list({ type: 'token_refused', order: 'oldest' });
    expect(entries.map(({ reason, clientId }) => [reason, clientId])).toEqual([
      ['secret_wrong', 'nightly'],
      ['client_unknown', 'unknown'],
      ['scope_not_allowed', 'nightly'],
      ['resource_not_allowed', 'nightly'],
      ['grant_not_offered', 'nightly'],
      ['assertion_replayed', 'signer'],
      ['request_malformed', undefined],
      ['method_not_allowed', undefined],
      ['request_too_large', undefined],
    ]);
    expect(new Set(entries.map(({ address }) => address))).toEqual(new Set(['127.0.0.1']));
    expect(entries[1]?.detail).toMatchObject({ status: 401, error: 'invalid_client' });
  });

  it('has refusals at the other endpoints as well', async () => {
    const { introspection_endpoint, revocation_endpoint } = (await (
      await fetch(`${running.issuer}/.well-known/oauth-authorization-server`)
    ).json()) as Record<string, string>;
    const body = new URLSearchParams({ token: 'x', client_id: 'unknown', client_secret: 'x' });
    for (const endpoint of [introspection_endpoint, revocation_endpoint]) {
      expect((await post(endpoint as string, body)).status).toBe(401);
    }
    const { entries } = await audit.list({ type: 'request_refused', order: 'oldest' });
    expect(entries).toMatchObject([
      { reason: 'client_unknown', clientId: 'unknown', detail: { endpoint: 'introspection' } },
      { reason: 'client_unknown', clientId: 'unknown', detail: { endpoint: 'revocation' } },
    ]);
  });

  it('has every administrative act with who did it, from where', async () => {
    const by = { actor: 'admin-1', address: '192.0.2.9' };
    const access = [{ resource: MCP, scopes: ['deploy:read'] }];
    await clients.create({ clientId: 'acted-on', authentication: { method: 'secret' }, access }, by);
    await clients.disable('acted-on', {}, by);
    await clients.enable('acted-on', {}, by);
    await clients.update('acted-on', { label: 'New' }, by);
    await clients.delete('acted-on', {}, by);
    const { entries } = await audit.list({ actor: 'admin-1', order: 'oldest' });
    const acts: AuthorizationServerEvent['type'][] = [
      'client_created',
      'client_disabled',
      'client_enabled',
      'client_updated',
      'client_deleted',
    ];
    expect(entries.map(({ type }) => type).filter((type) => acts.includes(type))).toEqual(acts);
    for (const { clientId, address } of entries)
      expect([clientId, address]).toEqual(['acted-on', '192.0.2.9']);
  });

  it('does not tell of an act that was refused', async () => {
    await registerWithSecret(running, 'twice');
    await expect(registerWithSecret(running, 'twice')).rejects.toMatchObject({ code: 'client_exists' });
    expect((await audit.list({ type: 'client_created', clientId: 'twice' })).entries).toHaveLength(1);
  });

  it('is accompanied by the usage of every client', async () => {
    const secret = await registerWithSecret(running, 'counted');
    for (let token = 0; token < 3; token++) await requestToken(running, GRANT, basic('counted', secret));
    await requestToken(running, { ...GRANT, scope: 'root' }, basic('counted', secret));
    const { hours } = await usage.list({ clientId: 'counted' });
    const sum = (what: 'issued' | 'refused') => hours.reduce((total, hour) => total + hour[what], 0);
    expect([sum('issued'), sum('refused')]).toEqual([3, 1]);
    expect(hours.find(({ issued }) => issued > 0)?.resource).toBe(MCP);
  });
});
