import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TokenStore } from '../../../src/client/store/token-store.ts';
import { createStoredToken, START } from './stored-token.ts';

/** A store under test, on the given clock; its keys are its own, whatever stores other tests have. */
export type CreateStore = (now: () => number) => TokenStore | Promise<TokenStore>;

const LATER = { expiresAt: START + 300_000 };
const numbered = (number: number) => ({ token: createStoredToken({ accessToken: `token-${number}` }) });

/** What every {@link TokenStore} has to do. */
export function describeTokenStore(name: string, createStore: CreateStore): void {
  describe(`the contract of a token store, kept by ${name}`, () => {
    const createScene = async () => {
      const clock = { now: START };
      return { clock, store: await createStore(() => clock.now) };
    };

    it('has nothing where nothing was put', async () => {
      const { store } = await createScene();
      expect(await store.read('a')).toBeUndefined();
    });

    it('gives back what was put, member by member, and keeps keys apart', async () => {
      const { store } = await createScene();
      const record = {
        token: createStoredToken(),
        lease: { owner: 'one', renewingUntil: START + 5000 },
        failure: { code: 'unavailable', failedUntil: START + 1000 },
      };
      const bare = {
        token: { ...createStoredToken({ tokenType: 'DPoP' }), expiresAt: undefined, scopes: [] },
      };
      expect(await store.compareAndSet('a', undefined, record, LATER)).toBe(true);
      expect(await store.compareAndSet('b', undefined, bare, LATER)).toBe(true);
      expect((await store.read('a'))?.record).toEqual(record);
      expect((await store.read('b'))?.record).toEqual(bare);
      expect(await store.read('c')).toBeUndefined();
    });

    it('replaces only the version that was expected, and gives every write a version of its own', async () => {
      const { store } = await createScene();
      await store.compareAndSet('a', undefined, numbered(1), LATER);
      const first = await store.read('a');
      expect(await store.compareAndSet('a', undefined, numbered(2), LATER)).toBe(false);
      expect(await store.compareAndSet('a', 'another', numbered(2), LATER)).toBe(false);
      expect(await store.compareAndSet('b', first?.version, numbered(2), LATER)).toBe(false);
      expect(await store.compareAndSet('a', first?.version, numbered(1), LATER)).toBe(true);
      expect(await store.compareAndSet('a', first?.version, numbered(3), LATER)).toBe(false);
      const second = await store.read('a');
      expect(second?.record).toEqual(numbered(1));
      expect(second?.version).not.toBe(first?.version);
    });

    it('keeps a version when it is read, and never gives it again to what comes after a deletion', async () => {
      const { store } = await createScene();
      await store.compareAndSet('a', undefined, numbered(1), LATER);
      const { version } = (await store.read('a')) ?? {};
      expect((await store.read('a'))?.version).toBe(version);
      expect(await store.compareAndSet('a', 'another', undefined, LATER)).toBe(false);
      expect(await store.compareAndSet('a', version, undefined, LATER)).toBe(true);
      expect(await store.read('a')).toBeUndefined();
      expect(await store.compareAndSet('a', version, numbered(2), LATER)).toBe(false);
      expect(await store.compareAndSet('a', undefined, numbered(1), LATER)).toBe(true);
      expect(await store.compareAndSet('a', version, numbered(2), LATER)).toBe(false);
    });

    it('deletes what is put with an end that has passed', async () => {
      const { store } = await createScene();
      await store.compareAndSet('a', undefined, numbered(1), LATER);
      const { version } = (await store.read('a')) ?? {};
      expect(await store.compareAndSet('a', version, numbered(2), { expiresAt: START })).toBe(true);
      expect(await store.read('a')).toBeUndefined();
      expect(await store.compareAndSet('a', undefined, undefined, LATER)).toBe(true);
    });

    it('T16: keeps no refresh token, nor anything else it does not know', async () => {
      const { store } = await createScene();
      const record = {
        token: { ...createStoredToken(), refreshToken: 'secret-1' },
        refresh_token: 'secret-2',
      };
      await store.compareAndSet('a', undefined, record, LATER);
      expect(JSON.stringify(await store.read('a'))).not.toContain('secret');
    });

    it('is not changed by what happens to an object that was put or read', async () => {
      const { store } = await createScene();
      const scopes = ['deploy:read'];
      await store.compareAndSet('a', undefined, { token: createStoredToken({ scopes }) }, LATER);
      scopes.push('admin');
      const read = await store.read('a');
      const readScopes = (read?.record.token?.scopes ?? []) as string[];
      expect(() => readScopes.push('admin')).toThrow(TypeError);
      expect((await store.read('a'))?.record.token?.scopes).toEqual(['deploy:read']);
    });

    it('refuses to keep what is not a token record, and keeps what was there', async () => {
      const { store } = await createScene();
      await store.compareAndSet('a', undefined, numbered(1), LATER);
      const { version } = (await store.read('a')) ?? {};
      const broken = { token: createStoredToken({ accessToken: 'two\r\nlines' }) };
      await expect(store.compareAndSet('a', version, broken, LATER)).rejects.toThrow(TypeError);
      expect((await store.read('a'))?.version).toBe(version);
    });

    it('lets exactly one of many writers win that expect the same version', async () => {
      const { store } = await createScene();
      for (let round = 0; round < 20; round++) {
        const expected = (await store.read('a'))?.version;
        const won = await Promise.all(
          Array.from({ length: 25 }, (_, writer) =>
            store.compareAndSet('a', expected, numbered(writer), LATER),
          ),
        );
        expect(won.filter(Boolean)).toHaveLength(1);
        expect((await store.read('a'))?.record).toEqual(numbered(won.indexOf(true)));
      }
    });

    it('loses no update of writers that read, change and try again', async () => {
      const { store } = await createScene();
      const increment = async (): Promise<void> => {
        const seen = await store.read('count');
        const requestedAt = (seen?.record.token?.requestedAt ?? 0) + 1;
        const next = { token: createStoredToken({ requestedAt }) };
        if (!(await store.compareAndSet('count', seen?.version, next, LATER))) await increment();
      };
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          for (let times = 0; times < 10; times++) await increment();
        }),
      );
      expect((await store.read('count'))?.record.token?.requestedAt).toBe(80);
    });

    it('agrees with a model through any sequence of reads and changes by several hands', async () => {
      const step = fc.record({
        hand: fc.nat(2),
        key: fc.constantFrom('a', 'b'),
        action: fc.constantFrom('read', 'put', 'put', 'put expired', 'delete', 'put blindly'),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const { store } = await createScene();
          // What is there, by the number of the write; and for each hand, what it saw last.
          const model = new Map<string, number>();
          const seen = new Map<string, { version: string | undefined; write: number | undefined }>();
          const [expected, found]: [unknown[], unknown[]] = [[], []];
          for (const [write, { hand, key, action }] of steps.entries()) {
            if (action === 'read') {
              const read = await store.read(key);
              const there = model.get(key);
              expected.push(there === undefined ? undefined : numbered(there));
              found.push(read?.record);
              seen.set(`${hand}${key}`, { version: read?.version, write: there });
              continue;
            }
            const nothing = { version: undefined, write: undefined };
            const last = action === 'put blindly' ? nothing : (seen.get(`${hand}${key}`) ?? nothing);
            const record = action === 'delete' ? undefined : numbered(write);
            const end = action === 'put expired' ? { expiresAt: START - 1 } : LATER;
            const replaced = await store.compareAndSet(key, last.version, record, end);
            expected.push(model.get(key) === last.write);
            found.push(replaced);
            if (!replaced) continue;
            if (record === undefined || end !== LATER) model.delete(key);
            else model.set(key, write);
          }
          expect(found).toEqual(expected);
        }),
        { numRuns: 100 },
      );
    });
  });
}
