import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createRedisTokenStore,
  type RedisTokenStoreOptions,
} from '../../../src/client/store/redis-token-store.ts';
import { describeTokenStore } from './describe-token-store.ts';
import { REDIS_CLIENTS, type RedisConnection } from './redis-clients.ts';
import { startRedisServer, type RedisServer } from './redis-server.ts';
import { createStoredToken, START } from './stored-token.ts';

const KEY = new Uint8Array(32).fill(1);
const OTHER_KEY = new Uint8Array(32).fill(2);
const RECORD = { token: createStoredToken() };
const LATER = { expiresAt: START + 300_000 };

describe.each(Object.entries(REDIS_CLIENTS))('a Redis token store over %s', (name, connect) => {
  let server: RedisServer;
  let connection: RedisConnection;
  let prefixes = 0;

  beforeAll(async () => {
    server = await startRedisServer();
    connection = await connect(server.socketPath);
  });
  afterAll(async () => {
    connection.close();
    await server.close();
  });

  const createStore = (options: Partial<RedisTokenStoreOptions> = {}) =>
    createRedisTokenStore({
      command: (args) => connection.command(args),
      now: () => START,
      keyPrefix: `test-${(prefixes += 1)}:`,
      ...options,
    });

  describeTokenStore(`Redis, unencrypted, over ${name}`, (now) => createStore({ now }));
  describeTokenStore(`Redis, encrypted, over ${name}`, (now) => createStore({ now, encryptionKey: KEY }));

  it('lets Redis forget a record at its end', async () => {
    const store = createStore({ keyPrefix: 'expiry:' });
    await store.compareAndSet('a', undefined, RECORD, { expiresAt: START + 90_000.5 });
    const left = Number(await connection.command(['PTTL', 'expiry:a']));
    expect(left).toBeGreaterThan(60_000);
    expect(left).toBeLessThanOrEqual(90_001);
    const { version } = (await store.read('a')) ?? {};
    await store.compareAndSet('a', version, RECORD, { expiresAt: START + 1 });
    await expect.poll(() => store.read('a'), { timeout: 5000 }).toBeUndefined();
  });

  it('keeps a token whose lifetime is absurd', async () => {
    const store = createStore();
    const token = createStoredToken({ lifetimeSeconds: Math.floor(Number.MAX_SAFE_INTEGER / 1000) });
    expect(await store.compareAndSet('a', undefined, { token }, { expiresAt: Number.MAX_SAFE_INTEGER })).toBe(
      true,
    );
    expect((await store.read('a'))?.record).toEqual({ token });
  });

  it('S3: with a key, leaves no token to whoever reads Redis; without one, it does', async () => {
    for (const [keyPrefix, encryptionKey] of [
      ['sealed:', KEY],
      ['open:', undefined],
    ] as const) {
      const store = createStore({ keyPrefix, encryptionKey });
      await store.compareAndSet('a', undefined, RECORD, LATER);
      const raw = await connection.command(['GET', `${keyPrefix}a`]);
      expect(String(raw).includes('a-token')).toBe(encryptionKey === undefined);
    }
  });

  it.each([
    ['empty', ''],
    ['a word', 'hello'],
    ['another format', 'v2.AAAAAAAAAAAAAAAA.plain.{}'],
    ['a short version', 'v1.AAAA.plain.{}'],
    ['a long version', `v1.${'A'.repeat(17)}.plain.{}`],
    ['nothing after the version', 'v1.AAAAAAAAAAAAAAAA.'],
    ['broken JSON', 'v1.AAAAAAAAAAAAAAAA.plain.{'],
    ['JSON of another kind', 'v1.AAAAAAAAAAAAAAAA.plain.[1]'],
    ['a token that is none', 'v1.AAAAAAAAAAAAAAAA.plain.{"token":{"accessToken":"a b"}}'],
    ['a key nobody has', 'v1.AAAAAAAAAAAAAAAA.AAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['lines', 'v1.AAAAAAAAAAAAAAAA.\n\n'],
    ['half a megabyte', `v1.AAAAAAAAAAAAAAAA.plain.${' '.repeat(524_288)}`],
  ])('treats what cannot be read as absent, and overwrites it: %s', async (_, value) => {
    for (const encryptionKey of [undefined, KEY]) {
      const store = createStore({ keyPrefix: 'foreign:', encryptionKey });
      await connection.command(['SET', 'foreign:a', value]);
      const read = await store.read('a');
      expect(read?.record).toEqual({});
      expect(await store.compareAndSet('a', undefined, RECORD, LATER)).toBe(false);
      expect(await store.compareAndSet('a', read?.version, RECORD, LATER)).toBe(true);
      expect((await store.read('a'))?.record).toEqual(RECORD);
    }
  });

  it('treats what is no text, or no string at all, as absent, and overwrites it', async () => {
    const script = "return redis.call('SET', KEYS[1], string.char(255, 0, 254, 13, 10))";
    for (const make of [
      ['EVAL', script, '1', 'foreign:b'],
      ['HSET', 'foreign:b', 'field', 'value'],
      ['RPUSH', 'foreign:b', 'entry'],
    ] as const) {
      await connection.command(['DEL', 'foreign:b']);
      await connection.command(make);
      const store = createStore({ keyPrefix: 'foreign:' });
      const read = await store.read('b');
      expect(read?.record).toEqual({});
      expect(await store.compareAndSet('b', read?.version, RECORD, LATER)).toBe(true);
      expect((await store.read('b'))?.record).toEqual(RECORD);
    }
  });

  it('does not take a record that was copied to another key, or put there unencrypted', async () => {
    const store = createStore({ keyPrefix: 'swap:', encryptionKey: KEY });
    await store.compareAndSet('mine', undefined, RECORD, LATER);
    await connection.command(['SET', 'swap:yours', String(await connection.command(['GET', 'swap:mine']))]);
    expect((await store.read('yours'))?.record).toEqual({});
    await createStore({ keyPrefix: 'swap:' }).compareAndSet('planted', undefined, RECORD, LATER);
    expect((await store.read('planted'))?.record).toEqual({});
  });

  it('rotates keys: both open, the first seals', async () => {
    const at = (encryptionKey: Uint8Array | readonly Uint8Array[]) =>
      createStore({ keyPrefix: 'rotation:', encryptionKey });
    await at(KEY).compareAndSet('a', undefined, RECORD, LATER);
    const both = at([OTHER_KEY, KEY]);
    const old = await both.read('a');
    expect(old?.record).toEqual(RECORD);
    await both.compareAndSet('a', old?.version, RECORD, LATER);
    expect((await at(OTHER_KEY).read('a'))?.record).toEqual(RECORD);
    expect((await at(KEY).read('a'))?.record).toEqual({});
  });

  it("S3: shows nothing of the command in an error of Redis's own", async () => {
    const store = createStore({ command: ([, ...rest]) => connection.command(['NOSUCH', ...rest]) });
    const error: unknown = await store
      .compareAndSet('a', undefined, RECORD, LATER)
      .catch((failure: unknown) => failure);
    expect(error).toMatchObject({
      name: 'TokenStoreError',
      received: expect.stringMatching(/\bERR$/) as string,
    });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('a-token');
  });
});
