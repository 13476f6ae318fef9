import { describe, expect, it } from 'vitest';

import { GRANT, MCP, basic, requestToken } from '../running-server.ts';
import { startAdmin } from './admin-scene.ts';

const ACCESS = [{ resource: MCP, scopes: ['deploy:read', 'deploy:write'] }];
const WITH_SECRET = { authentication: { method: 'secret' }, access: ACCESS };

describe('clients by the administrative API', () => {
  it('a client is created, read, changed, disabled, enabled and deleted', async () => {
    const scene = await startAdmin();
    const { call } = scene;
    const created = await call('POST', '/clients', {
      body: { ...WITH_SECRET, clientId: 'nightly', label: 'Nightly' },
    });
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe('clients/nightly');
    expect(created.body.secret).toMatch(/^mcpm2m_/);
    expect((await requestToken(scene, GRANT, basic('nightly', created.body.secret))).status).toBe(200);

    const read = await call('GET', '/clients/nightly');
    expect(read.body).toMatchObject({ clientId: 'nightly', label: 'Nightly', state: 'enabled' });
    expect(read.text).not.toContain(created.body.secret);
    expect(read.headers.get('etag')).toBe(`"${read.body.revision}"`);

    const changed = await call('PATCH', '/clients/nightly', {
      body: { label: null, tokenLifetimeSeconds: 600, access: [{ resource: MCP, scopes: ['deploy:read'] }] },
    });
    expect(changed.body).toMatchObject({ tokenLifetimeSeconds: 600, access: [{ scopes: ['deploy:read'] }] });
    expect(changed.body.label).toBeUndefined();

    expect((await call('POST', '/clients/nightly/disable')).body.state).toBe('disabled');
    expect((await requestToken(scene, GRANT, basic('nightly', created.body.secret))).status).toBe(401);
    expect((await call('POST', '/clients/nightly/enable')).body.state).toBe('enabled');
    expect((await call('DELETE', '/clients/nightly')).status).toBe(204);
    expect((await call('GET', '/clients/nightly')).status).toBe(404);
    expect((await call('DELETE', '/clients/nightly')).body).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('lists in pages, and by filters', async () => {
    const { call } = await startAdmin();
    for (const clientId of ['a-one', 'a-two', 'a-three']) {
      await call('POST', '/clients', { body: { ...WITH_SECRET, clientId, owner: 'team a' } });
    }
    const first = await call('GET', '/clients?limit=2&owner=team%20a');
    expect(first.body.clients.map(({ clientId }: { clientId: string }) => clientId)).toEqual([
      'a-one',
      'a-three',
    ]);
    const second = await call('GET', `/clients?limit=2&owner=team%20a&after=${first.body.nextAfter}`);
    expect(second.body.clients.map(({ clientId }: { clientId: string }) => clientId)).toEqual(['a-two']);
    expect(second.body.nextAfter).toBeUndefined();
    expect((await call('GET', '/clients?search=THREE')).body.clients).toHaveLength(1);
    expect((await call('GET', '/clients?state=disabled')).body.clients).toHaveLength(0);
  });

  it('a change that is too late is refused: If-Match and the ETag that was read', async () => {
    const { call } = await startAdmin();
    await call('POST', '/clients', { body: { ...WITH_SECRET, clientId: 'shared' } });
    const { headers } = await call('GET', '/clients/shared');
    const tag = { 'if-match': headers.get('etag') ?? '' };
    expect((await call('PATCH', '/clients/shared', { headers: tag, body: { label: 'first' } })).status).toBe(
      200,
    );
    const late = await call('PATCH', '/clients/shared', { headers: tag, body: { label: 'second' } });
    expect(late.body).toMatchObject({ status: 412, code: 'revision_mismatch' });
    expect((await call('DELETE', '/clients/shared', { headers: tag })).status).toBe(412);
    const malformed = await call('PATCH', '/clients/shared', {
      headers: { 'if-match': 'W/"x"' },
      body: { label: 'x' },
    });
    expect(malformed.body.code).toBe('if_match_malformed');
  });

  it('an answer that is known already is not sent again', async () => {
    const { call } = await startAdmin();
    await call('POST', '/clients', { body: { ...WITH_SECRET, clientId: 'cached' } });
    const etag = (await call('GET', '/clients/cached')).headers.get('etag') ?? '';
    const again = await call('GET', '/clients/cached', { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    expect(again.text).toBe('');
  });

  it.each([
    [{ ...WITH_SECRET, access: [] }, 'access'],
    [{ ...WITH_SECRET, acces: [] }, 'acces'],
    [{ ...WITH_SECRET, clientId: 'with space' }, 'clientId'],
    [{ ...WITH_SECRET, access: [{ resource: 'https://unknown.example', scopes: [] }] }, 'unknown.example'],
    [{ ...WITH_SECRET, access: [{ resource: MCP, scopes: ['unknown'] }] }, 'unknown'],
    [{ ...WITH_SECRET, tokenLifetimeSeconds: 5 }, 'tokenLifetimeSeconds'],
    [{ ...WITH_SECRET, addresses: ['not an address'] }, 'addresses'],
    [{ ...WITH_SECRET, expiresAt: '2001-01-01T00:00:00Z' }, 'expiresAt'],
    [{ access: ACCESS, authentication: { method: 'password' } }, 'authentication'],
  ])('what is wrong is named: %j', async (body, named) => {
    const { call } = await startAdmin();
    const { body: problem, status, headers } = await call('POST', '/clients', { body });
    expect(status).toBe(400);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(problem.detail).toContain(named);
  });

  it.each(['{', '[]', '"text"', 'null', ''])('a body that is no object is refused: %j', async (body) => {
    const { call } = await startAdmin();
    const { status, body: problem } = await call('POST', '/clients', {
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(status).toBe(400);
    expect(problem.code).toBe('request_malformed');
  });
});

describe('secrets and keys by the administrative API', () => {
  it('a secret is rotated: start, both valid, readiness, finish', async () => {
    const scene = await startAdmin();
    const { call } = scene;
    const { body } = await call('POST', '/clients', { body: { ...WITH_SECRET, clientId: 'rotated' } });
    const endsAt = new Date(Date.now() + 3_600_000).toISOString();
    const started = await call('POST', '/clients/rotated/rotation', { body: { endsAt } });
    expect(started.status).toBe(201);
    for (const secret of [body.secret, started.body.secret]) {
      expect((await requestToken(scene, GRANT, basic('rotated', secret))).status).toBe(200);
    }
    const readiness = await call('GET', '/clients/rotated/rotation');
    expect(readiness.body).toMatchObject({ verdict: 'old_in_use', oldUsedSinceStart: true });
    expect((await call('POST', '/clients/rotated/rotation', { body: { endsAt } })).body.code).toBe(
      'rotation_under_way',
    );
    expect((await call('POST', '/clients/rotated/rotation/finish')).status).toBe(204);
    expect((await requestToken(scene, GRANT, basic('rotated', body.secret))).status).toBe(401);
    expect((await call('POST', '/clients/rotated/rotation/cancel')).body.code).toBe('rotation_not_started');
    expect((await call('GET', '/clients/rotated/secrets')).body.secrets).toHaveLength(1);
  });

  it('a rotation is cancelled: the new secret is gone', async () => {
    const scene = await startAdmin();
    const { call } = scene;
    const { body } = await call('POST', '/clients', { body: { ...WITH_SECRET, clientId: 'kept' } });
    const endsAt = new Date(Date.now() + 3_600_000).toISOString();
    const started = await call('POST', '/clients/kept/rotation', { body: { endsAt } });
    expect((await call('POST', '/clients/kept/rotation/cancel')).status).toBe(204);
    expect((await requestToken(scene, GRANT, basic('kept', started.body.secret))).status).toBe(401);
    expect((await requestToken(scene, GRANT, basic('kept', body.secret))).status).toBe(200);
  });

  it('secrets are added and deleted one by one', async () => {
    const { call } = await startAdmin();
    await call('POST', '/clients', { body: { ...WITH_SECRET, clientId: 'several' } });
    const added = await call('POST', '/clients/several/secrets', { body: {} });
    expect(added.status).toBe(201);
    expect(added.body.secret).toMatch(/^mcpm2m_/);
    expect((await call('DELETE', `/clients/several/secrets/${added.body.id}`)).status).toBe(204);
    expect((await call('GET', '/clients/several/secrets')).body.secrets).toHaveLength(1);
  });

  it('public keys are added, given an end and removed; a private one is refused', async () => {
    const { call } = await startAdmin();
    const { generateKeyPairSync } = await import('node:crypto');
    const jwkOf = (part: 'publicKey' | 'privateKey') =>
      generateKeyPairSync('ec', { namedCurve: 'P-256' })[part].export({ format: 'jwk' });
    await call('POST', '/clients', {
      body: {
        clientId: 'signs',
        access: ACCESS,
        authentication: { method: 'private_key_jwt', publicKey: jwkOf('publicKey') },
      },
    });
    const added = await call('POST', '/clients/signs/keys', { body: { publicKey: jwkOf('publicKey') } });
    expect(added.status).toBe(201);
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    expect(
      (await call('PATCH', `/clients/signs/keys/${added.body.id}`, { body: { expiresAt } })).status,
    ).toBe(204);
    expect((await call('GET', '/clients/signs/keys')).body.keys.at(-1).expiresAt).toBe(expiresAt);
    expect((await call('DELETE', `/clients/signs/keys/${added.body.id}`)).status).toBe(204);
    const refused = await call('POST', '/clients/signs/keys', { body: { publicKey: jwkOf('privateKey') } });
    expect(refused.body.detail).toMatch(/private/);
  });
});
