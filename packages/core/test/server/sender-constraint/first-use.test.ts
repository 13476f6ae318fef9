import { describe, expect, it } from 'vitest';
import { createFirstUseCheck } from '../../../src/server/sender-constraint/first-use.ts';
import type { ReplayStore } from '../../../src/server/sender-constraint/replay-store.ts';
import { failureOfAsync } from '../failure-of.ts';

const reasonOf = async (useOnce: () => unknown): Promise<string> => {
  const store = { useOnce } as ReplayStore;
  return (await failureOfAsync(() => createFirstUseCheck(store, 20)('key', 1))).reason;
};

describe('createFirstUseCheck', () => {
  it.each([true, Promise.resolve(true)])('lets a first use pass: %j', async (answer) => {
    await expect(createFirstUseCheck({ useOnce: () => answer })('key', 1)).resolves.toBeUndefined();
  });

  it.each([false, Promise.resolve(false), undefined, null, 'OK', 1, {}, Promise.resolve('true')])(
    'refuses whatever is not clearly a first use: %j',
    async (answer) => {
      expect(await reasonOf(() => answer)).toBe('proof_replayed');
    },
  );

  it('cannot tell where the store throws, rejects or hangs', async () => {
    const boom = new Error('boom');
    const throwing = (): never => {
      throw boom;
    };
    expect(await reasonOf(throwing)).toBe('replay_store_unavailable');
    expect(await reasonOf(() => Promise.reject(boom))).toBe('replay_store_unavailable');
    expect(await reasonOf(() => new Promise(() => undefined))).toBe('replay_store_unavailable');
  });

  it('keeps the store’s error as the cause, for a debugger alone', async () => {
    const boom = new Error('boom');
    const store: ReplayStore = { useOnce: () => Promise.reject(boom) };
    const failure = await failureOfAsync(() => createFirstUseCheck(store)('key', 1));
    expect(failure.cause).toBe(boom);
    expect([failure.message, failure.details.received].join()).not.toContain('boom');
  });

  it('drops an answer that comes too late', async () => {
    let settle: (error: Error) => void = () => undefined;
    const late = new Promise<boolean>((_, reject) => (settle = reject));
    expect(await reasonOf(() => late)).toBe('replay_store_unavailable');
    settle(new Error('late'));
    await expect(late).rejects.toThrow('late');
  });
});
