import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createMemoryReplayStore,
  type MemoryReplayStoreOptions,
} from '../../../src/server/sender-constraint/replay-store.ts';

const START = 1_800_000_000;

/** A store and its clock, in seconds. */
function createScene(options: MemoryReplayStoreOptions = {}) {
  const clock = { seconds: START };
  const store = createMemoryReplayStore({ now: () => clock.seconds * 1000, ...options });
  return { clock, use: (key: string, expiresAt: number) => store.useOnce(key, expiresAt) };
}

describe('createMemoryReplayStore', () => {
  it('tells the first use of a key from every further one', () => {
    const { use } = createScene();
    expect(['a', 'a', 'b', 'a', 'b'].map((key) => use(key, START + 300))).toEqual([
      true,
      false,
      true,
      false,
      false,
    ]);
  });

  it('knows a key whatever time comes with it', () => {
    const { use } = createScene();
    expect([300, 1, 600, 271].map((seconds) => use('a', START + seconds))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('remembers a key until its time, fractions included, and forgets it afterwards', () => {
    const { clock, use } = createScene();
    const expiresAt = START + 89.5;
    expect(use('a', expiresAt)).toBe(true);
    for (const seconds of [1, 30, 60, 89, 89.4]) {
      clock.seconds = START + seconds;
      expect(use('a', expiresAt)).toBe(false);
    }
    clock.seconds = START + 89.5 + 60;
    expect(use('a', clock.seconds + 1)).toBe(true);
  });

  it('never accepts a key twice before its time is over', () => {
    const step = fc.record({ wait: fc.nat(40), key: fc.constantFrom('a', 'b', 'c'), lifetime: fc.nat(600) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { clock, use } = createScene();
        const remembered = new Map<string, number>();
        for (const { wait, key, lifetime } of steps) {
          clock.seconds += wait;
          const first = use(key, clock.seconds + lifetime);
          const isRemembered = (remembered.get(key) ?? 0) > clock.seconds;
          expect(isRemembered && first).toBe(false);
          if (first) remembered.set(key, clock.seconds + lifetime);
        }
      }),
    );
  });

  it('refuses rather than forgets when it is full, and has room again in time', () => {
    const { clock, use } = createScene({ maxEntries: 2 });
    expect([use('a', START + 40), use('b', START + 400)]).toEqual([true, true]);
    expect(() => use('c', START + 40)).toThrow(/full \(2 proofs\)/);
    expect(use('a', START + 40)).toBe(false);
    clock.seconds += 61;
    expect(use('c', START + 400)).toBe(true);
    expect(() => use('d', START + 400)).toThrow(/full/);
  });

  it('stays in its bounds however many keys come and go', () => {
    const { clock, use } = createScene({ maxEntries: 1000 });
    let accepted = 0;
    for (let index = 0; index < 20_000; index++) {
      clock.seconds += 0.5;
      if (use(`key-${index}`, clock.seconds + 300) === true) accepted++;
    }
    expect(accepted).toBe(20_000);
  });

  it.each<[unknown, RegExp]>([
    [{ maxEntries: 0 }, /maxEntries must be a whole number from 1/],
    [{ maxEntries: Number.NaN }, /maxEntries/],
    [{ maxEntries: '5' }, /maxEntries/],
    [{ now: 5 }, /now must be a function/],
    [{ size: 5 }, /unknown option "size"/],
  ])('refuses the options %j', (options, message) => {
    expect(() => createMemoryReplayStore(options as MemoryReplayStoreOptions)).toThrow(message);
  });
});
