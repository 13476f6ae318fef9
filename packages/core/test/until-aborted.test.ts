import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { untilAborted } from '../src/until-aborted.ts';

describe('untilAborted', () => {
  const never = new Promise<never>(() => undefined);

  it('settles as the promise does', async () => {
    const { signal } = new AbortController();
    await expect(untilAborted(Promise.resolve(7), signal)).resolves.toBe(7);
    await expect(untilAborted(Promise.reject(new Error('failed')), signal)).rejects.toThrow('failed');
  });

  it('rejects with the reason as soon as the signal aborts', async () => {
    const controller = new AbortController();
    const waiting = untilAborted(never, controller.signal);
    const reason = new Error('left');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  it('rejects with the reason of a signal that has aborted before', async () => {
    const reason = new Error('left');
    await expect(untilAborted(never, AbortSignal.abort(reason))).rejects.toBe(reason);
    await expect(untilAborted(Promise.resolve(7), AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('leaves no unhandled rejection behind when the work fails after the signal', async () => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', listen);
    const failing = async () => {
      await sleep(1);
      throw new Error('too late');
    };
    await untilAborted(failing(), AbortSignal.abort()).catch(() => undefined);
    await untilAborted(Promise.reject(new Error('at once')), AbortSignal.abort()).catch(() => undefined);
    await sleep(20);
    process.off('unhandledRejection', listen);
    expect(unhandled).toEqual([]);
  });
});
