import { describe, expect, it } from 'vitest';

import type { UpdateClientOptions } from '../../src/index.ts';
import { generateSigningClient } from '../assertion.ts';
import {
  GRANT,
  lastReason,
  MCP,
  OTHER_MCP,
  registerWithSecret,
  requestToken,
  type Answer,
} from '../running-server.ts';
import { startServerForFile } from '../server-for-file.ts';

const running = await startServerForFile();
const { clients } = running.server;

function ask(clientId: string, secret: string, parameters: Record<string, string> = {}): Promise<Answer> {
  return requestToken(running, { ...GRANT, client_id: clientId, client_secret: secret, ...parameters });
}

describe('update', () => {
  it('changes what is given and leaves the rest; null takes away', async () => {
    await registerWithSecret(running, 'changing');
    const before = await clients.get('changing');
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const changed = await clients.update('changing', {
      label: 'Nightly report',
      owner: 'data-platform',
      description: 'Reads the warehouse.\nWrites a report.',
      tokenLifetimeSeconds: 900,
      senderConstraint: 'dpop',
      addresses: ['127.0.0.1', '::1', '10.0.0.0/8'],
      grantTypes: ['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange'],
      defaultResource: MCP,
      expiresAt,
    });
    expect(changed).toMatchObject({
      label: 'Nightly report',
      owner: 'data-platform',
      description: 'Reads the warehouse.\nWrites a report.',
      tokenLifetimeSeconds: 900,
      senderConstraint: 'dpop',
      addresses: ['127.0.0.1', '::1', '10.0.0.0/8'],
      grantTypes: ['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange'],
      defaultResource: MCP,
      expiresAt,
      access: before?.access,
      authentication: before?.authentication,
    });
    expect(await clients.get('changing')).toEqual(changed);
    expect(running.events.at(-1)).toMatchObject({
      type: 'client_updated',
      clientId: 'changing',
      changed: expect.arrayContaining(['label', 'addresses']),
      actor: 'owner',
    });

    const cleared = await clients.update('changing', {
      label: null,
      owner: null,
      description: null,
      tokenLifetimeSeconds: null,
      senderConstraint: null,
      addresses: null,
      defaultResource: null,
      expiresAt: null,
      grantTypes: ['client_credentials'],
    });
    expect({ ...cleared, revision: '', updatedAt: '' }).toEqual({ ...before, revision: '', updatedAt: '' });
  });

  it('is refused when the client was changed since it was read, and of parallel ones one succeeds', async () => {
    await registerWithSecret(running, 'raced-update');
    const read = await clients.get('raced-update');
    const ifRevision = read?.revision as string;
    const results = await Promise.allSettled(
      Array.from(
        { length: 8 },
        async (_, i) => await clients.update('raced-update', { label: `${i}`, ifRevision }),
      ),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const reasons = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    );
    for (const reason of reasons) expect(reason).toMatchObject({ code: 'revision_mismatch' });
    await expect(clients.disable('raced-update', { ifRevision })).rejects.toMatchObject({
      code: 'revision_mismatch',
    });
    await expect(clients.delete('raced-update', { ifRevision })).rejects.toMatchObject({
      code: 'revision_mismatch',
    });
    const now = await clients.get('raced-update');
    expect(await clients.delete('raced-update', { ifRevision: now?.revision as string })).toBe(true);
    await expect(clients.update('raced-update', {})).rejects.toMatchObject({ code: 'not_found' });
    await expect(clients.enable('raced-update')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('of ids and revisions that are none is answered like that of unknown ones', async () => {
    await registerWithSecret(running, 'real');
    for (const id of ['a\0b', '\uD800', '', 'x'.repeat(10_240), `' or 1=1 --`, '__proto__', '(nobody)']) {
      expect(await clients.get(id)).toBeUndefined();
      expect(await clients.delete(id)).toBe(false);
      await expect(clients.update(id, { label: 'x' })).rejects.toMatchObject({ code: 'not_found' });
      await expect(clients.disable(id)).rejects.toMatchObject({ code: 'not_found' });
      await expect(clients.secrets.list(id)).rejects.toMatchObject({ code: 'not_found' });
      await expect(clients.rotation.readiness(id)).rejects.toMatchObject({ code: 'not_found' });
      await expect(clients.secrets.delete('real', id)).rejects.toMatchObject({ code: 'not_found' });
      const stale = { code: 'revision_mismatch' };
      await expect(clients.update('real', { ifRevision: id })).rejects.toMatchObject(stale);
      await expect(clients.delete('real', { ifRevision: id })).rejects.toMatchObject(stale);
    }
    const error: unknown = await clients.disable('\u001B[31m\n').catch((reason: unknown) => reason);
    expect((error as Error).message).not.toMatch(/\p{Cc}/u);
  });

  it('says in the event who asked for it, and from where', async () => {
    await registerWithSecret(running, 'by-admin');
    const admin = { actor: 'admin-console', address: '203.0.113.9' };
    await clients.update('by-admin', { label: 'x' }, admin);
    expect(running.events.at(-1)).toMatchObject({ actor: 'admin-console', remoteAddress: '203.0.113.9' });
    await clients.delete('by-admin', {}, admin);
    expect(running.events.at(-1)).toMatchObject({ type: 'client_deleted', actor: 'admin-console' });
  });

  it('of access takes effect on the next request', async () => {
    const secret = await registerWithSecret(running, 'moving', ['deploy:read', 'deploy:write']);
    expect((await ask('moving', secret)).body['scope']).toBe('deploy:read deploy:write');
    await clients.update('moving', { access: [{ resource: OTHER_MCP, scopes: ['other:read'] }] });
    expect((await ask('moving', secret, { resource: MCP })).body['error']).toBe('invalid_target');
    expect((await ask('moving', secret)).body['scope']).toBe('other:read');
  });

  it('disables and enables a client from one request to the next, and says nothing of it on the wire', async () => {
    const secret = await registerWithSecret(running, 'switched');
    expect((await ask('switched', secret)).status).toBe(200);
    expect((await clients.disable('switched')).state).toBe('disabled');
    expect(running.events.at(-1)).toMatchObject({ type: 'client_disabled', clientId: 'switched' });
    const refused = await ask('switched', secret);
    expect(lastReason(running)).toBe('client_disabled');
    const wrong = await ask('switched', `${secret}x`);
    expect([refused.status, refused.text]).toEqual([401, wrong.text]);
    expect((await clients.enable('switched')).state).toBe('enabled');
    expect(running.events.at(-1)).toMatchObject({ type: 'client_enabled', clientId: 'switched' });
    expect((await ask('switched', secret)).status).toBe(200);
  });

  const signing = { authentication: { method: 'private_key_jwt' as const } };
  it.each<[unknown, string]>([
    [{ label: '' }, 'label must be a text'],
    [{ label: 7 }, 'label must be a text'],
    [{ owner: 'x'.repeat(201) }, 'owner must be a text'],
    [{ description: 'x'.repeat(2001) }, 'description must be a text'],
    [{ tokenLifetimeSeconds: 59 }, 'tokenLifetimeSeconds must be a whole number from 60 to 86400'],
    [{ tokenLifetimeSeconds: 86_401 }, 'tokenLifetimeSeconds'],
    [{ senderConstraint: 'cookie' }, 'senderConstraint must be "dpop" or "mtls"'],
    [{ addresses: [] }, 'addresses must list'],
    [{ addresses: ['10.0.0.0/33'] }, 'addresses[0] must be'],
    [{ addresses: ['10.0.0.1', 'example.com'] }, 'addresses[1] must be'],
    [{ addresses: ['010.0.0.1'] }, 'addresses[0] must be'],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt must be in the future'],
    [{ expiresAt: 'tomorrow' }, 'expiresAt must be a time'],
    [{ expiresAt: '2999-01-01' }, 'expiresAt must be a time'],
    [{ grantTypes: [] }, 'grantTypes must list'],
    [{ grantTypes: ['password'] }, '"password" is none'],
    [{ defaultResource: OTHER_MCP }, 'is not part of the client'],
    [{ jwksUri: 'https://keys.example.com/jwks' }, 'jwksUri is for clients that sign'],
    [{ assertionAudience: 'token-endpoint' }, 'assertionAudience is for clients that sign'],
    [{ access: [] }, 'access must list'],
    [
      { access: [{ resource: MCP, scopes: ['deploy:read'], defaultScopes: ['deploy:write'] }] },
      'defaultScopes',
    ],
    [{ authentication: { method: 'secret' } }, 'unknown option "authentication"'],
    [{ lable: 'x' }, 'did you mean "label"'],
  ])('refuses %j', async (changes, message) => {
    if ((await clients.get('strict')) === undefined) await registerWithSecret(running, 'strict');
    const before = await clients.get('strict');
    const updating = clients.update('strict', changes as UpdateClientOptions);
    await expect(updating).rejects.toThrow(TypeError);
    await expect(updating).rejects.toThrow(message);
    expect(await clients.get('strict')).toEqual(before);
  });

  it.each([
    ['http://keys.example.com/jwks', 'jwksUri must use https'],
    ['https://user:word@keys.example.com', 'jwksUri must not contain a user name'],
    ['file:///etc/passwd', 'jwksUri must use https'],
    ['keys', 'jwksUri must be an absolute URL'],
  ])('refuses the jwksUri %s', async (jwksUri, message) => {
    const access = [{ resource: MCP, scopes: [] }];
    await expect(clients.create({ ...signing, jwksUri, access })).rejects.toThrow(message);
  });
});

describe('texts of clients', () => {
  it.each([
    ['a script', '<script>alert(1)</script>'],
    ['SQL', `'); drop table clients; --`],
    ['text from right to left', '\u202Ereversed\u202C שלום'],
    ['emoji and combining marks', '👩🏽‍🚀 é à̴̛'],
    ['a template', '${process.exit()} {{7*7}}'],
    ['a percent sign', '100% _sure_ \\o/'],
  ])('with %s are kept as they are', async (_name, text) => {
    const { clientId } = await clients.create({
      authentication: { method: 'secret' },
      access: [{ resource: MCP, scopes: [] }],
      label: text,
      owner: text,
      description: text,
    });
    expect(await clients.get(clientId)).toMatchObject({ label: text, owner: text, description: text });
    const found = await clients.list({ search: text });
    expect(found.clients.map((client) => client.clientId)).toEqual([clientId]);
    expect((await clients.list({ owner: text })).clients).toHaveLength(1);
  });

  it.each([
    ['10 kB', 'x'.repeat(10_240)],
    ['a NUL', 'a\0b'],
    ['a line break', 'a\nb'],
    ['an escape sequence', '\u001B[31mred'],
    ['half a character', 'a\uD800b'],
    ['an object', ['label']],
  ])('with %s are refused', async (_name, label) => {
    const creating = clients.create({
      authentication: { method: 'secret' },
      access: [{ resource: MCP, scopes: [] }],
      label: label as string,
    });
    await expect(creating).rejects.toThrow(TypeError);
    await expect(creating).rejects.toThrow('label must');
  });

  it('of keys that are not theirs are refused like any unknown option', async () => {
    const { publicKey } = generateSigningClient('x');
    const options = JSON.parse(
      `{"__proto__": {"label": "x"}, "authentication": {"method": "secret"}, "access": [{"resource": "${MCP}", "scopes": []}]}`,
    ) as never;
    await expect(clients.create(options)).rejects.toThrow('unknown option "__proto__"');
    await expect(
      clients.create({
        authentication: { method: 'secret', publicKey } as never,
        access: [{ resource: MCP, scopes: [] }],
      }),
    ).rejects.toThrow('unknown option "publicKey"');
  });
});
