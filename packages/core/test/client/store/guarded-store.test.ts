import { inspect } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { guardStore } from '../../../src/client/store/guarded-store.ts';
import { createMemoryTokenStore } from '../../../src/client/store/memory-token-store.ts';
import type { TokenStoreError } from '../../../src/client/store/token-store-error.ts';
import type { TokenStore } from '../../../src/client/store/token-store.ts';
import { createStoredToken, START } from './stored-token.ts';

const RECORD = { token: createStoredToken() };
const LATER = { expiresAt: START + 300_000 };

type Fault = 'none' | 'throws' | 'rejects' | 'hangs';

/** A store that fails on demand, its guard, and the guard's clock. */
function createScene() {
  const memory = createMemoryTokenStore({ now: () => START });
  const scene = { fault: 'none' as Fault, asked: 0, clock: 1000, told: [] as TokenStoreError[] };
  const meet = <T>(answer: () => Promise<T>): Promise<T> => {
    scene.asked += 1;
    if (scene.fault === 'throws') throw new Error('thrown with a-token');
    if (scene.fault === 'rejects') {
      return Promise.reject(Object.assign(new Error('refused with a-token'), { code: 'ECONNRESET' }));
    }
    return scene.fault === 'hangs' ? new Promise(() => undefined) : answer();
  };
  const store: TokenStore = {
    read: (key) => meet(() => memory.read(key)),
    compareAndSet: (...change) => meet(() => memory.compareAndSet(...change)),
  };
  const guarded = guardStore(store, {
    timeoutMilliseconds: 50,
    onFailure: (error) => scene.told.push(error),
    monotonicNow: () => scene.clock,
  });
  return Object.assign(scene, { guarded });
}

describe('a guarded store', () => {
  it('passes on what the store answers', async () => {
    const { guarded, told } = createScene();
    expect(await guarded.read('a')).toEqual({ value: undefined });
    expect(await guarded.compareAndSet('a', undefined, RECORD, LATER)).toEqual({ value: true });
    expect(await guarded.compareAndSet('a', undefined, RECORD, LATER)).toEqual({ value: false });
    expect(await guarded.read('a')).toMatchObject({ value: { record: RECORD } });
    expect(told).toEqual([]);
  });

  it.each([
    ['throws', 'an answer', 'Error'],
    ['rejects', 'an answer', 'Error ECONNRESET'],
    ['hangs', 'an answer within 50 ms', 'none in time'],
  ] as const)('answers nothing when the store %s, and tells why', async (fault, expected, received) => {
    const scene = createScene();
    scene.fault = fault;
    expect(await scene.guarded.read('a')).toBeUndefined();
    await sleep(0);
    expect(scene.told).toMatchObject([{ name: 'TokenStoreError', operation: 'read', expected, received }]);
    expect(inspect(scene.told, { depth: 9, showHidden: true })).not.toContain('a-token');
  });

  it('leaves a store that failed alone for five seconds, then lets one ask while the others do without', async () => {
    const scene = createScene();
    scene.fault = 'hangs';
    await scene.guarded.read('a');
    for (const milliseconds of [0, 2500, 2499]) {
      scene.clock += milliseconds;
      expect(await scene.guarded.read('a')).toBeUndefined();
    }
    expect(scene.asked).toBe(1);
    scene.clock += 1;
    await Promise.all(Array.from({ length: 20 }, () => scene.guarded.read('a')));
    expect(scene.asked).toBe(2);
    scene.fault = 'none';
    scene.clock += 5000;
    expect(await scene.guarded.read('a')).toEqual({ value: undefined });
    await Promise.all(Array.from({ length: 20 }, () => scene.guarded.read('a')));
    expect(scene.asked).toBe(23);
  });

  it('tells of a lasting failure once a minute', async () => {
    const scene = createScene();
    scene.fault = 'rejects';
    for (let second = 0; second < 120; second += 5) {
      await scene.guarded.read('a');
      scene.clock += 5000;
    }
    expect(scene.asked).toBe(24);
    expect(scene.told).toHaveLength(2);
  });

  it('does not mind a listener that throws', async () => {
    const store = createMemoryTokenStore();
    const guarded = guardStore(
      { ...store, read: () => Promise.reject(new Error('down')) },
      {
        onFailure: () => {
          throw new Error('listener');
        },
      },
    );
    expect(await guarded.read('a')).toBeUndefined();
  });
});
