import { createSigningKey, type SigningKey } from '@mcp-m2m/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createKeySet, type FetchedKeys, type KeySet } from '../../src/server/key-set.ts';
import { SIGNATURE_ALGORITHMS } from '../../src/server/signature-algorithms.ts';
import { failureOfAsync } from './failure-of.ts';

let first: SigningKey;
let second: SigningKey;

beforeAll(async () => {
  [first, second] = await Promise.all([createSigningKey(), createSigningKey()]);
});

let now: number;
let published: SigningKey[];
let document: (() => FetchedKeys | Promise<FetchedKeys>) | undefined;
let fetches: number;
let keySet: KeySet;

beforeEach(() => {
  now = 1_800_000_000_000;
  published = [first];
  document = undefined;
  fetches = 0;
  keySet = createKeySet({
    issuer: 'https://auth.example.com',
    algorithms: SIGNATURE_ALGORITHMS,
    now: () => now,
    staleIfErrorSeconds: 86_400,
    fetchKeys: async () => {
      fetches++;
      if (document !== undefined) return document();
      return { keys: published.map(({ publicJwk }) => publicJwk), lifetimeSeconds: 300 };
    },
  });
});

const advance = (seconds: number): void => void (now += seconds * 1000);
const fail = (): never => {
  throw new Error('the issuer is down');
};
const find = (key: SigningKey) => keySet.find('ES256', key.keyId);
const reasonOf = async (key: SigningKey) => (await failureOfAsync(() => find(key))).reason;
describe('finding a key', () => {
  it('fetches once for all who ask at the same time', async () => {
    const found = await Promise.all(Array.from({ length: 50 }, async () => find(first)));
    expect(new Set(found).size).toBe(1);
    expect(fetches).toBe(1);
  });

  it('answers without a promise when nothing has to be fetched', async () => {
    await find(first);
    expect(find(first)).not.toBeInstanceOf(Promise);
    expect(find(first)).toMatchObject({ keyId: first.keyId });
  });

  it('finds the only key for a token that names none', async () => {
    expect(await keySet.find('ES256', undefined)).toMatchObject({ keyId: first.keyId });
  });

  it('refuses to choose between keys: two ids the same, or none and several', async () => {
    published = [first, second];
    expect((await failureOfAsync(() => keySet.find('ES256', undefined))).reason).toBe('key_ambiguous');
    document = () => ({
      keys: [first.publicJwk, { ...second.publicJwk, kid: first.keyId }],
      lifetimeSeconds: 300,
    });
    advance(601);
    expect(await reasonOf(first)).toBe('key_ambiguous');
  });

  it('does not confuse keys of different algorithms', async () => {
    await find(first);
    advance(5);
    expect((await failureOfAsync(() => keySet.find('RS256', first.keyId))).reason).toBe('key_unknown');
  });

  it('looks at a hundred keys and no further', async () => {
    const many = Array.from({ length: 100 }, (_, index) => ({ ...second.publicJwk, kid: `k${index}` }));
    document = () => ({ keys: [...many, first.publicJwk], lifetimeSeconds: 300 });
    expect(await reasonOf(first)).toBe('key_unknown');
  });
});

describe('renewing keys', () => {
  it('answers from what is there while the renewal runs behind it', async () => {
    await find(first);
    published = [second];
    advance(300);
    expect(find(first)).not.toBeInstanceOf(Promise);
    // Who asks for a key that is not known waits for the renewal that is under way.
    expect(await find(second)).toMatchObject({ keyId: second.keyId });
    expect(fetches).toBe(2);
    expect(await reasonOf(first)).toBe('key_unknown');
  });

  it('asks before it answers, once the keys have not been looked at for ten minutes', async () => {
    await find(first);
    published = [second];
    advance(600);
    expect(await reasonOf(first)).toBe('key_unknown');
  });

  it('keeps the object of a key that is published again, and only that', async () => {
    const before = await find(first);
    advance(601);
    published = [second, first];
    expect(await find(first)).toBe(before);
    expect(keySet.isCurrent(before)).toBe(true);
    advance(601);
    published = [second];
    await find(second);
    expect(keySet.isCurrent(before)).toBe(false);
  });
});

describe('an issuer that fails', () => {
  it('is unavailable for who never had its keys, with the time to come back', async () => {
    document = fail;
    const { reason, details } = await failureOfAsync(() => find(first));
    expect([reason, details.retryAfterSeconds]).toEqual(['issuer_unavailable', 1]);
  });

  it('is served from its last good keys for as long as configured, and not longer', async () => {
    await find(first);
    document = fail;
    for (let hour = 1; hour < 24; hour++) {
      advance(3600);
      expect(await find(first)).toMatchObject({ keyId: first.keyId });
    }
    advance(3600);
    expect(await reasonOf(first)).toBe('issuer_unavailable');
  });

  it('does not delay requests once it is known to be down', async () => {
    await find(first);
    document = fail;
    advance(601);
    await find(first);
    document = () => new Promise(() => undefined);
    advance(60);
    expect(find(first)).not.toBeInstanceOf(Promise);
  });

  it('is asked again after 1, 2, 4 and then every 5 seconds, never more often', async () => {
    document = fail;
    const askedAt: number[] = [];
    for (let elapsed = 0; elapsed <= 23; elapsed++) {
      const before = fetches;
      await reasonOf(first);
      if (fetches > before) askedAt.push(elapsed);
      advance(1);
    }
    expect(askedAt).toEqual([0, 1, 3, 7, 12, 17, 22]);
  });

  it('is back at once when it answers again', async () => {
    document = fail;
    await reasonOf(first);
    document = undefined;
    advance(1);
    expect(await find(first)).toMatchObject({ keyId: first.keyId });
    advance(300);
    expect(find(first)).not.toBeInstanceOf(Promise);
  });

  it.each([
    ['an empty set', []],
    ['a set without one usable key', [{ kty: 'oct', k: 'AAAA' }, null]],
  ])('and sends %s keeps its last good keys', async (_, keys) => {
    await find(first);
    document = () => ({ keys, lifetimeSeconds: 300 });
    advance(601);
    expect(await find(first)).toMatchObject({ keyId: first.keyId });
  });
});

describe('a key id that is not known', () => {
  it('causes one fetch in five seconds, however many ask', async () => {
    await find(first);
    for (let count = 0; count < 100; count++) expect(await reasonOf(second)).toBe('key_unknown');
    expect(fetches).toBe(1);
    advance(5);
    await Promise.all(Array.from({ length: 100 }, () => reasonOf(second)));
    expect(fetches).toBe(2);
  });

  it('is found after a hard rotation as soon as five seconds have passed since the last fetch', async () => {
    await find(first);
    published = [second];
    advance(4.9);
    expect(await reasonOf(second)).toBe('key_unknown');
    advance(0.1);
    expect(await find(second)).toMatchObject({ keyId: second.keyId });
    expect(await reasonOf(first)).toBe('key_unknown');
  });

  it('is nobody’s fault while the issuer cannot be asked', async () => {
    await find(first);
    document = fail;
    advance(5);
    expect(await reasonOf(second)).toBe('issuer_unavailable');
    expect(await find(first)).toMatchObject({ keyId: first.keyId });
  });
});

describe('preload()', () => {
  it('fetches, tells whether keys are there, and never rejects', async () => {
    document = fail;
    expect(await keySet.preload()).toBe(false);
    document = undefined;
    advance(1);
    expect(await keySet.preload()).toBe(true);
    expect(await keySet.preload()).toBe(true);
    expect(fetches).toBe(2);
  });
});
