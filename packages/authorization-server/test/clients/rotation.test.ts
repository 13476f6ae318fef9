import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { inspect } from 'node:util';

import { registerWithKey } from '../assertion.ts';
import { GRANT, lastReason, MCP, registerWithSecret, requestToken, startServer } from '../running-server.ts';

let now = Date.now();
const running = await startServer({ now: () => now });
afterAll(async () => await running.stop());
const { clients } = running.server;

const MINUTE = 60_000;
const DAY = 86_400_000;
const later = (milliseconds: number) => new Date(now + milliseconds).toISOString();

async function statusOf(clientId: string, secret: string): Promise<number> {
  return (await requestToken(running, { ...GRANT, client_id: clientId, client_secret: secret })).status;
}

describe('a rotation', () => {
  let clientId: string;
  let oldSecret: string;
  let count = 0;
  beforeEach(async () => {
    now = Date.now();
    clientId = `rotating-${count++}`;
    oldSecret = await registerWithSecret(running, clientId);
  });

  const states = async () => (await clients.secrets.list(clientId)).map(({ state }) => state);

  it('keeps both secrets valid until the date, and the new one afterwards', async () => {
    const endsAt = later(DAY);
    const { secret, ...created } = await clients.rotation.start(clientId, { endsAt });
    expect(created).toMatchObject({ state: 'active', hint: `${secret.slice(0, 11)}…` });
    expect(running.events.at(-1)).toMatchObject({
      type: 'client_rotation_started',
      clientId,
      secretId: created.id,
      endsAt,
    });
    expect(await states()).toEqual(expect.arrayContaining(['retiring', 'active']));
    expect([await statusOf(clientId, oldSecret), await statusOf(clientId, secret)]).toEqual([200, 200]);

    now += DAY;
    expect(await statusOf(clientId, secret)).toBe(200);
    expect(await statusOf(clientId, oldSecret)).toBe(401);
    expect(lastReason(running)).toBe('secret_expired');
    expect(await states()).toEqual(expect.arrayContaining(['expired', 'active']));
    expect((await clients.rotation.readiness(clientId)).verdict).toBe('ended');
    await expect(clients.rotation.cancel(clientId)).rejects.toMatchObject({ code: 'rotation_ended' });
    await clients.rotation.finish(clientId);
    expect(await states()).toEqual(['active']);
  });

  it('that is finished ends the old secret now', async () => {
    const { secret } = await clients.rotation.start(clientId, { endsAt: later(DAY) });
    await clients.rotation.finish(clientId);
    expect(running.events.at(-1)).toMatchObject({ type: 'client_rotation_finished', clientId });
    expect(await statusOf(clientId, oldSecret)).toBe(401);
    expect(lastReason(running)).toBe('secret_wrong');
    expect(await statusOf(clientId, secret)).toBe(200);
    expect(await states()).toEqual(['active']);
  });

  it('that is cancelled leaves the old secret as it was, its own expiry included', async () => {
    const expiring = await clients.secrets.create(clientId, { expiresAt: later(2 * DAY) });
    const before = await clients.secrets.list(clientId);
    const { secret } = await clients.rotation.start(clientId, { endsAt: later(DAY) });
    await clients.rotation.cancel(clientId);
    expect(running.events.at(-1)).toMatchObject({ type: 'client_rotation_cancelled', clientId });
    expect(await clients.secrets.list(clientId)).toEqual(before);
    expect(await statusOf(clientId, secret)).toBe(401);
    now += DAY + MINUTE;
    expect(await statusOf(clientId, oldSecret)).toBe(200);
    expect(await statusOf(clientId, expiring.secret)).toBe(200);
    now += DAY;
    expect(await statusOf(clientId, expiring.secret)).toBe(401);
  });

  it('does not prolong a secret that ends before its date', async () => {
    const expiring = await clients.secrets.create(clientId, { expiresAt: later(MINUTE) });
    await clients.rotation.start(clientId, { endsAt: later(DAY) });
    now += 2 * MINUTE;
    expect(await statusOf(clientId, expiring.secret)).toBe(401);
    expect(await statusOf(clientId, oldSecret)).toBe(200);
  });

  it('goes through its states in their order alone', async () => {
    const { rotation } = clients;
    const start = async () => await rotation.start(clientId, { endsAt: later(DAY) });
    const notStarted = { code: 'rotation_not_started' };
    await expect(rotation.finish(clientId)).rejects.toMatchObject(notStarted);
    await expect(rotation.cancel(clientId)).rejects.toMatchObject(notStarted);
    await expect(rotation.readiness(clientId)).rejects.toMatchObject(notStarted);
    const { id } = await start();
    await expect(start()).rejects.toMatchObject({ code: 'rotation_under_way' });
    await expect(clients.secrets.delete(clientId, id)).rejects.toMatchObject({ code: 'rotation_under_way' });
    expect(await states()).toHaveLength(2);
    await rotation.finish(clientId);
    await expect(rotation.finish(clientId)).rejects.toMatchObject(notStarted);
    await expect(rotation.cancel(clientId)).rejects.toMatchObject(notStarted);
    await start();
    await rotation.cancel(clientId);
    await expect(rotation.cancel(clientId)).rejects.toMatchObject(notStarted);
  });

  it('of parallel starts begins once', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, async () => await clients.rotation.start(clientId, { endsAt: later(DAY) })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await states()).toHaveLength(2);
  });

  it('whose date has passed makes room for the next', async () => {
    const first = await clients.rotation.start(clientId, { endsAt: later(DAY) });
    now += DAY;
    const second = await clients.rotation.start(clientId, { endsAt: later(DAY) });
    expect(await states()).toHaveLength(2);
    expect([await statusOf(clientId, first.secret), await statusOf(clientId, second.secret)]).toEqual([
      200, 200,
    ]);
  });

  it('is for clients with a valid secret, and with the revision that was read', async () => {
    await registerWithKey(running, `signer-${count}`);
    const endsAt = later(DAY);
    await expect(clients.rotation.start(`signer-${count}`, { endsAt })).rejects.toMatchObject({
      code: 'authentication_method_mismatch',
    });
    await expect(clients.rotation.start('nobody', { endsAt })).rejects.toMatchObject({ code: 'not_found' });
    await expect(clients.rotation.start(clientId, { endsAt, ifRevision: 'x' })).rejects.toMatchObject({
      code: 'revision_mismatch',
    });
    await expect(clients.rotation.start(clientId, { endsAt: later(-1) })).rejects.toThrow('in the future');
    await expect(clients.rotation.start(clientId, { endsAt, expiresAt: endsAt })).rejects.toThrow(
      'expiresAt must be later than endsAt',
    );
    const [only] = await clients.secrets.list(clientId);
    await clients.secrets.delete(clientId, only?.id as string);
    await expect(clients.rotation.start(clientId, { endsAt })).rejects.toMatchObject({
      code: 'nothing_to_rotate',
    });
  });

  it('S1: tells in words whether the old secret is still in use, and no event has a secret', async () => {
    await clients.update(clientId, { tokenLifetimeSeconds: 60 });
    const readiness = async () => await clients.rotation.readiness(clientId);
    expect(await statusOf(clientId, oldSecret)).toBe(200);
    now += MINUTE;
    const { secret } = await clients.rotation.start(clientId, { endsAt: later(DAY) });
    const unused = await readiness();
    expect(unused).toMatchObject({ verdict: 'new_unused', oldUsedSinceStart: false });
    expect(unused.newSecret.lastUsedAt).toBeUndefined();
    expect(unused.advice).toContain('Put the new secret into the client');

    now += MINUTE;
    await statusOf(clientId, oldSecret);
    await statusOf(clientId, secret);
    const both = await readiness();
    expect(both).toMatchObject({ verdict: 'old_in_use', oldUsedSinceStart: true });
    expect(both.oldSecrets[0]?.lastUsedAt).toBe(new Date(now).toISOString());
    expect(both.advice).toContain('may still have the old one');

    now += 11 * MINUTE;
    await statusOf(clientId, secret);
    const ready = await readiness();
    expect(ready).toMatchObject({ verdict: 'ready', oldUsedSinceStart: true });
    expect(ready.advice).toContain('Finish the rotation');
    for (const { advice } of [unused, both, ready]) expect(advice).not.toContain(secret);
    expect(JSON.stringify(running.events)).not.toMatch(/mcpm2m_[0-9A-Za-z]{8}/);
    await clients.rotation.finish(clientId);
  });
});

describe('secrets', () => {
  it('are several, each shown once, with an expiry of its own', async () => {
    now = Date.now();
    const first = await registerWithSecret(running, 'several');
    const created = await clients.secrets.create('several', { expiresAt: later(DAY) });
    expect(running.events.at(-1)).toMatchObject({ type: 'client_secret_created', secretId: created.id });
    expect(JSON.parse(JSON.stringify(created))).toMatchObject({ secret: created.secret });
    expect(inspect(created, { depth: 9, showHidden: true })).not.toContain(created.secret);
    expect([await statusOf('several', first), await statusOf('several', created.secret)]).toEqual([200, 200]);
    const listed = await clients.secrets.list('several');
    expect(JSON.stringify(listed)).not.toContain(created.secret);
    const found = listed.find(({ id }) => id === created.id);
    expect(found).toEqual({
      id: created.id,
      hint: created.hint,
      state: 'active',
      createdAt: created.createdAt,
      expiresAt: later(DAY),
      lastUsedAt: new Date(now).toISOString(),
    });

    await clients.secrets.delete('several', created.id);
    expect(running.events.at(-1)).toMatchObject({ type: 'client_secret_deleted', secretId: created.id });
    expect([await statusOf('several', first), await statusOf('several', created.secret)]).toEqual([200, 401]);
    await expect(clients.secrets.delete('several', created.id)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('are ten at most, and expired ones make room', async () => {
    now = Date.now();
    await registerWithSecret(running, 'many');
    await clients.secrets.create('many', { expiresAt: later(MINUTE) });
    for (let i = 2; i < 10; i++) await clients.secrets.create('many');
    await expect(clients.secrets.create('many')).rejects.toMatchObject({ code: 'too_many_credentials' });
    now += 2 * MINUTE;
    await clients.secrets.create('many');
    const listed = await clients.secrets.list('many');
    expect(listed.map(({ state }) => state)).toEqual(Array.from({ length: 10 }, () => 'active'));
    await expect(clients.secrets.create('many')).rejects.toMatchObject({ code: 'too_many_credentials' });
  });

  it('that were created with an expiry end then', async () => {
    now = Date.now();
    const { secret } = await clients.create({
      clientId: 'short-lived',
      authentication: { method: 'secret', expiresAt: later(MINUTE) },
      access: [{ resource: MCP, scopes: ['deploy:read'] }],
    });
    expect(await statusOf('short-lived', secret as string)).toBe(200);
    now += MINUTE;
    const expired = await requestToken(running, {
      ...GRANT,
      client_id: 'short-lived',
      client_secret: secret as string,
    });
    expect(lastReason(running)).toBe('secret_expired');
    const wrong = await requestToken(running, { ...GRANT, client_id: 'short-lived', client_secret: 'x' });
    expect([expired.status, expired.text]).toEqual([401, wrong.text]);
  });
});
