import { createLocalJWKSet, createRemoteJWKSet, decodeProtectedHeader, jwtVerify, type JWK } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { SigningKeyDescription } from '../../src/index.ts';
import { startServer, type RunningServer } from '../running-server.ts';
import { introspect, registerClient, registerResourceServer } from '../withdrawal/tokens-of-clients.ts';

let now: number;
let running: RunningServer;
beforeEach(async () => {
  now = Date.now();
  running = await startServer({ now: () => now });
});
afterEach(async () => await running.stop());

const keys = () => running.server.signingKeys;
const inState = async (state: SigningKeyDescription['state']) =>
  (await keys().list()).find((key) => key.state === state) as SigningKeyDescription;
const published = async () =>
  ((await (await fetch(`${running.issuer}/jwks`)).json()) as { keys: JWK[] }).keys;
const keyIdOf = (token: string) => decodeProtectedHeader(token).kid;

describe('signingKeys.list', () => {
  it('describes the keys without their private part', async () => {
    expect(await keys().list()).toEqual([
      {
        keyId: expect.stringMatching(/^[\w-]{43}$/),
        algorithm: 'ES256',
        state: 'current',
        heldBy: 'database',
        createdAt: new Date(now).toISOString(),
        activeFrom: new Date(now).toISOString(),
        retiresAt: undefined,
      },
      {
        keyId: expect.stringMatching(/^[\w-]{43}$/),
        algorithm: 'ES256',
        state: 'next',
        heldBy: 'database',
        createdAt: new Date(now).toISOString(),
        activeFrom: new Date(now + 30 * 86_400_000).toISOString(),
        retiresAt: undefined,
      },
    ]);
  });
});

describe('signingKeys.rotate', () => {
  it('waits until every copy of the key set has the new key', async () => {
    const client = await registerClient(running);
    const before = keyIdOf(await client.token());
    const scheduled = await keys().rotate();
    expect(scheduled).toEqual({
      ...(await inState('next')),
      activeFrom: new Date(now + 340_000).toISOString(),
    });
    now += 339_000;
    expect(keyIdOf(await client.token())).toBe(before);
    now += 11_000;
    expect(keyIdOf(await client.token())).toBe(scheduled.keyId);
    expect((await published()).map(({ kid }) => kid)).toContain(before);
  });

  it('is done at once when the next key was published long enough', async () => {
    const client = await registerClient(running);
    now += 3_600_000;
    const next = await inState('next');
    const rotated = await keys().rotate({}, { actor: 'admin-1', address: '203.0.113.1' });
    expect(rotated).toMatchObject({
      keyId: next.keyId,
      state: 'current',
      activeFrom: new Date(now).toISOString(),
    });
    expect(keyIdOf(await client.token())).toBe(next.keyId);
    expect((await inState('next')).activeFrom).toBe(new Date(now + 30 * 86_400_000).toISOString());
    const acts = running.events.filter(({ type }) => type.startsWith('signing_key_'));
    expect(acts.slice(-3)).toEqual([
      expect.objectContaining({
        type: 'signing_key_scheduled',
        keyId: next.keyId,
        actor: 'admin-1',
        remoteAddress: '203.0.113.1',
      }),
      expect.objectContaining({ type: 'signing_key_activated', keyId: next.keyId, actor: 'server' }),
      expect.objectContaining({ type: 'signing_key_created', actor: 'server' }),
    ]);
  });

  it.each(['EdDSA', 'RS256'] as const)('changes the algorithm to %s', async (algorithm) => {
    const client = await registerClient(running);
    const old = await client.token();
    expect(await keys().rotate({ algorithm })).toMatchObject({ algorithm, state: 'next' });
    now += 351_000;
    const token = await client.token({});
    const { protectedHeader } = await jwtVerify(
      token,
      createRemoteJWKSet(new URL(`${running.issuer}/jwks`)),
      {
        algorithms: [algorithm],
        typ: 'at+jwt',
        currentDate: new Date(now),
      },
    );
    expect(protectedHeader.alg).toBe(algorithm);
    await jwtVerify(old, createLocalJWKSet({ keys: await published() }), {
      algorithms: ['ES256'],
      currentDate: new Date(now - 351_000),
    });
    const own = await registerResourceServer(running);
    expect((await introspect(running, token, own.headers)).body['active']).toBe(true);
    expect((await inState('next')).algorithm).toBe(algorithm);
  });

  it('is not asked for an algorithm that the options forbid', async () => {
    await running.stop();
    running = await startServer({ now: () => now, signingAlgorithm: 'EdDSA' });
    expect((await inState('current')).algorithm).toBe('EdDSA');
    await expect(keys().rotate({ algorithm: 'ES256' })).rejects.toThrow('signingAlgorithm asks for EdDSA');
    await expect(keys().rotate({ algorithm: 'HS256' as never })).rejects.toThrow('must be one of');
    await expect(keys().rotate({ algo: 'ES256' } as never)).rejects.toThrow('unknown option');
  });
});

describe('signingKeys.retire', () => {
  it('takes the current key out of use at once, and says what that means', async () => {
    const client = await registerClient(running);
    const own = await registerResourceServer(running);
    const old = await client.token();
    const [current, next] = [await inState('current'), await inState('next')];
    const retired = await keys().retire(current.keyId, { actor: 'admin-1' });
    expect(retired).toEqual({
      keyId: current.keyId,
      currentKeyId: next.keyId,
      meaning: expect.stringMatching(/Tokens that it signed are refused .* 300 seconds/),
    });
    expect((await published()).map(({ kid }) => kid)).not.toContain(current.keyId);
    expect((await introspect(running, old, own.headers)).body).toEqual({ active: false });
    const token = await client.token();
    expect(keyIdOf(token)).toBe(next.keyId);
    expect((await introspect(running, token, own.headers)).body['active']).toBe(true);
    expect(running.events).toContainEqual(
      expect.objectContaining({
        type: 'signing_key_retired',
        keyId: current.keyId,
        cause: 'withdrawn',
        actor: 'admin-1',
      }),
    );
    expect(await inState('next')).toMatchObject({ algorithm: 'ES256' });
  });

  it('takes the next and a previous one back', async () => {
    now += 3_600_000;
    const [current, next] = [await inState('current'), await inState('next')];
    expect((await keys().retire(next.keyId)).meaning).toContain('never signed');
    expect((await inState('next')).keyId).not.toBe(next.keyId);
    expect((await inState('current')).keyId).toBe(current.keyId);
    await keys().rotate();
    now += 351_000;
    expect((await inState('previous')).keyId).toBe(current.keyId);
    await keys().retire(current.keyId);
    expect(await inState('previous')).toBeUndefined();
    expect((await published()).map(({ kid }) => kid)).not.toContain(current.keyId);
  });

  it('knows no key that is not there', async () => {
    await expect(keys().retire('unknown')).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('requests that are under way while a key is rotated', () => {
  it('are all answered, with tokens that verify', async () => {
    const client = await registerClient(running);
    now += 3_600_000;
    const tokens = [await client.token()];
    const requests: Promise<string>[] = [];
    for (let i = 0; i < 40; i++) {
      requests.push(client.token());
      if (i === 20) await keys().rotate();
      if (i % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    tokens.push(...(await Promise.all(requests)));
    const keySet = createRemoteJWKSet(new URL(`${running.issuer}/jwks`));
    for (const token of tokens) await jwtVerify(token, keySet, { currentDate: new Date(now) });
    expect(new Set(tokens.map(keyIdOf)).size).toBe(2);
  });
});
