import { createResourceServer } from '@mcp-m2m/core/server';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { JWKS_MAX_AGE_SECONDS } from '../../src/keys/key-schedule.ts';
import { createSigningKeys } from '../../src/keys/signing-keys.ts';
import type { Database } from '../../src/store/database.ts';
import { openTestDatabase } from '../databases.ts';
import { MCP } from '../running-server.ts';
import { HOUR_MS, openInstance, type KeyInstance } from './key-rings.ts';

const ISSUER = 'https://auth.example.com';
const CLAIMS = { iss: ISSUER, aud: MCP, sub: 'client', client_id: 'client', scope: '' };
const START = Date.UTC(2031, 0, 1);
const DAY_MS = 24 * HOUR_MS;

/** Numbers from 0 to 1, the same for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

let database: Database;
let time: number;
beforeEach(async () => {
  time = START;
  database = await openTestDatabase();
});
afterEach(async () => await database.close());
const now = () => time;

async function readKeySet({ ring }: KeyInstance) {
  await ring.refresh();
  return { keys: [...ring.published()] };
}

/** A resource server that heeds the key set's max-age and nothing else: an unknown key is refused. */
function startStrictVerifier(ask: () => KeyInstance) {
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let keys: ReturnType<typeof createLocalJWKSet>;
  return async (token: string): Promise<boolean> => {
    if (time - fetchedAt >= JWKS_MAX_AGE_SECONDS * 1000) {
      fetchedAt = time;
      keys = createLocalJWKSet((await readKeySet(ask())) as never);
    }
    const verified = jwtVerify(token, keys, { issuer: ISSUER, audience: MCP, currentDate: new Date(time) });
    return await verified.then(
      () => true,
      () => false,
    );
  };
}

/** A resource server of this project. */
function startResourceServer(ask: () => KeyInstance) {
  const documents: Record<string, () => Promise<unknown>> = {
    '/.well-known/oauth-authorization-server': async () => ({ issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` }),
    '/jwks': async () => await readKeySet(ask()),
  };
  const resourceServer = createResourceServer({
    resource: MCP,
    authorizationServers: [ISSUER],
    now,
    fetch: async (url) => {
      const document = await documents[new URL(url).pathname]?.();
      return Response.json(document ?? {}, {
        status: document === undefined ? 404 : 200,
        headers: { 'cache-control': `max-age=${JWKS_MAX_AGE_SECONDS}` },
      });
    },
  });
  return async (token: string): Promise<boolean> => {
    const headers = { authorization: `Bearer ${token}` };
    return (await resourceServer.authenticate({ method: 'POST', url: '/mcp', headers })).ok;
  };
}

describe('signing keys', () => {
  it.each([1, 2, 3, 4, 5, 6])(
    'are rotated by two instances without one token refused, whatever the clock does (seed %i)',
    async (seed) => {
      const random = createRandom(seed);
      const rotationIntervalSeconds = 3600;
      // Their clocks are apart, too.
      const skews = [Math.round((random() - 0.5) * 20_000), Math.round((random() - 0.5) * 20_000)];
      const instances = await Promise.all(
        skews.map(
          async (skew) => await openInstance(database, { now: () => time + skew, rotationIntervalSeconds }),
        ),
      );
      const ask = () => instances[Math.floor(random() * instances.length)] as KeyInstance;
      const verifiers = [
        startStrictVerifier(ask),
        startStrictVerifier(ask),
        startResourceServer(ask),
        startResourceServer(ask),
      ];
      const living: { readonly token: string; readonly expiresAt: number }[] = [];
      const keyIds = new Set<string>();
      for (let step = 0; step < 250; step++) {
        const leap = random();
        if (leap < 0.5) time += Math.floor(random() * 30_000);
        else if (leap < 0.9) time += Math.floor(random() * 600_000);
        else if (leap < 0.97) time += Math.floor(random() * 2 * HOUR_MS);
        else if (leap < 0.99) time += Math.floor(random() * 40 * DAY_MS);
        else time -= Math.floor(random() * 5000);

        if (random() < 0.15) {
          const keys = createSigningKeys({ ring: ask().ring, algorithm: undefined });
          const algorithm = random() < 0.5 ? 'ES256' : 'EdDSA';
          await keys.rotate(random() < 0.3 ? { algorithm } : {});
        }
        const lifetime = random() < 0.1 ? 86_400 : 300;
        const issuer = ask();
        await issuer.ring.refresh();
        // As issued by the clock of the verifiers: how far theirs may be off is not what this is about.
        const iat = Math.floor(time / 1000);
        const token = await issuer.issue({ ...CLAIMS, iat, exp: iat + lifetime });
        keyIds.add(String(decodeProtectedHeader(token).kid));
        living.push({ token, expiresAt: time + lifetime * 1000 });
        for (let check = 0; check < 4; check++) {
          const { token: one, expiresAt } = living[
            Math.floor(random() * living.length)
          ] as (typeof living)[number];
          if (expiresAt - 2000 <= time) continue;
          for (const [i, verify] of verifiers.entries()) {
            expect([seed, step, i, await verify(one)]).toEqual([seed, step, i, true]);
          }
        }
        expect(await verifiers[step % 4]?.(token)).toBe(true);
      }
      expect(keyIds.size).toBeGreaterThan(10);
      // Every key was made and put to use once.
      const activated = instances
        .flatMap(({ events }) => events)
        .filter(({ type }) => type === 'signing_key_activated');
      expect(new Set(activated.map(({ keyId }) => keyId)).size).toBe(activated.length);
      expect(instances[0]?.ring.records().filter(({ state }) => state !== 'previous')).toHaveLength(2);
    },
  );

  it('are published before they sign, and after: next, current and previous', async () => {
    const instance = await openInstance(database, { now });
    const { ring } = instance;
    const states = () =>
      ring
        .records()
        .map(({ state }) => state)
        .toSorted();
    expect(states()).toEqual(['current', 'next']);
    const [first] = (await readKeySet(instance)).keys;
    time += 30 * DAY_MS;
    const token = await instance.issue(CLAIMS);
    expect(decodeProtectedHeader(token).kid).not.toBe(first?.kid);
    expect(states()).toEqual(['current', 'next', 'previous']);
    expect(ring.published().map(({ kid }) => kid)).toContain(first?.kid);
    time += 2 * DAY_MS;
    await ring.refresh();
    expect(ring.published().map(({ kid }) => kid)).not.toContain(first?.kid);
    expect(states()).toEqual(['current', 'next']);
  });

  it('are made once by instances that start at the same time, and turned over once', async () => {
    const instances = await Promise.all(
      Array.from({ length: 6 }, async () => await openInstance(database, { now })),
    );
    const current = () => new Set(instances.map(({ ring }) => ring.current().keyId));
    expect(current().size).toBe(1);
    const [before] = current();
    time += 31 * DAY_MS;
    await Promise.all(instances.map(async ({ ring }) => await ring.refresh()));
    await Promise.all(instances.map(async ({ ring }) => await ring.refresh()));
    time += 11_000;
    await Promise.all(instances.map(async ({ ring }) => await ring.refresh()));
    expect([current().size, current().has(String(before))]).toEqual([1, false]);
    const events = instances.flatMap((instance) => instance.events.map(({ type }) => type));
    expect(events.filter((type) => type === 'signing_key_activated')).toHaveLength(1);
    expect(events.filter((type) => type === 'signing_key_created')).toHaveLength(3);
  });

  it('are read again when ten seconds have passed, and not for every token', async () => {
    let reads = 0;
    const counting = { ...database, db: database.db };
    const { ring } = await openInstance(counting, { now });
    for (let i = 0; i < 100; i++) {
      time += 99;
      if (ring.refresh() !== undefined) reads++;
    }
    expect(reads).toBe(0);
    time += 100;
    await ring.refresh();
    expect(ring.refresh()).toBeUndefined();
    // A clock that was set back does not stop that.
    time -= DAY_MS;
    expect(ring.refresh()).toBeInstanceOf(Promise);
    await ring.refresh();
  });

  it('change their algorithm by rotation, when the option is another', async () => {
    const before = await openInstance(database, { now });
    expect(before.ring.current().algorithm).toBe('ES256');
    const after = await openInstance(database, { now, algorithm: 'EdDSA' });
    expect(after.ring.current().algorithm).toBe('ES256');
    time += 339_000;
    await after.ring.refresh();
    expect(after.ring.current().algorithm).toBe('ES256');
    time += 1000;
    await before.ring.refresh();
    time += 11_000;
    await after.ring.refresh();
    for (const { ring } of [before, after]) expect(ring.current().algorithm).toBe('EdDSA');
    const { keys } = await readKeySet(after);
    expect(keys.map(({ alg }) => String(alg)).toSorted()).toEqual(['ES256', 'EdDSA', 'EdDSA']);
    await jwtVerify(await after.issue(CLAIMS), createLocalJWKSet({ keys } as never), {
      algorithms: ['EdDSA'],
      currentDate: new Date(time),
    });
  });

  it('sign sooner when the interval is shortened', async () => {
    await openInstance(database, { now });
    const { ring } = await openInstance(database, { now, rotationIntervalSeconds: 3600 });
    const { keyId } = ring.current();
    time += HOUR_MS;
    await ring.refresh();
    expect(ring.current().keyId).not.toBe(keyId);
  });

  it('are encrypted in the database', async () => {
    await openInstance(database, { now });
    const rows = await database.db.selectFrom('signing_keys').selectAll().execute();
    expect(rows).toHaveLength(2);
    for (const { public_jwk, sealed_private_jwk } of rows) {
      expect(JSON.parse(public_jwk)).not.toHaveProperty('d');
      expect(sealed_private_jwk).toMatch(/^[\w-]{200,}$/);
    }
  });
});
