import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createMemoryTokenStore } from '../../../src/client/store/memory-token-store.ts';
import { describeTokenStore } from './describe-token-store.ts';
import { createStoredToken, START } from './stored-token.ts';

describeTokenStore('the memory store', (now) => createMemoryTokenStore({ now }));

const RECORD = { token: createStoredToken() };
const LATER = { expiresAt: START + 300_000 };

/** The bytes of the heap that are really held, which garbage would hide. */
function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

describe('createMemoryTokenStore', () => {
  it('drops what was not used for longest when it is full', async () => {
    const store = createMemoryTokenStore({ maxEntries: 3, now: () => START });
    for (const key of ['a', 'b', 'c']) await store.compareAndSet(key, undefined, RECORD, LATER);
    await store.read('a');
    await store.compareAndSet('d', undefined, RECORD, LATER);
    const kept = await Promise.all(['a', 'b', 'c', 'd'].map((key) => store.read(key)));
    expect(kept.map((entry) => entry !== undefined)).toEqual([true, false, true, true]);
  });

  it('forgets a record at its end, and lets it be created again', async () => {
    let now = START;
    const store = createMemoryTokenStore({ now: () => now });
    await store.compareAndSet('a', undefined, RECORD, LATER);
    const { version } = (await store.read('a')) ?? {};
    now = START + 299_999;
    expect(await store.read('a')).toBeDefined();
    now = START + 300_000;
    expect(await store.read('a')).toBeUndefined();
    expect(await store.compareAndSet('a', version, RECORD, { expiresAt: now + 1 })).toBe(false);
    expect(await store.compareAndSet('a', undefined, RECORD, { expiresAt: now + 1 })).toBe(true);
  });

  it('holds ten thousand records and no more memory, however many resources there are', async () => {
    const store = createMemoryTokenStore({ now: () => START });
    const fill = async (from: number, to: number): Promise<void> => {
      for (let resource = from; resource < to; resource++) {
        const token = createStoredToken({ accessToken: `${resource}`.padStart(1000, 'x') });
        await store.compareAndSet(`resource-${resource}`, undefined, { token }, LATER);
      }
    };
    await fill(0, 10_000);
    const full = heapAfterCollection();
    await fill(10_000, 100_000);
    const grown = heapAfterCollection() - full;
    expect(await store.read('resource-89999')).toBeUndefined();
    expect(await store.read('resource-90000')).toBeDefined();
    // The 90,000 others would be more than 90 MB.
    expect(grown).toBeLessThan(10_000_000);
  });

  it('S3: shows no token to who inspects it', async () => {
    const store = createMemoryTokenStore({ now: () => START });
    await store.compareAndSet('a', undefined, RECORD, LATER);
    expect(inspect(store, { depth: 9, showHidden: true }) + JSON.stringify(store)).not.toContain('a-token');
  });

  it.each([
    [{ maxEntries: 0 }, 'maxEntries'],
    [{ maxEntries: 1.5 }, 'maxEntries'],
    [{ maxEntries: 1_000_001 }, 'maxEntries'],
    [{ now: 5 }, 'now'],
    [{ maxEntires: 5 }, 'did you mean "maxEntries"'],
  ])('refuses the options %o', (options, words) => {
    expect(() => createMemoryTokenStore(options as object)).toThrow(
      expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(words) as string }),
    );
  });
});
