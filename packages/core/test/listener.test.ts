import { describe, expect, it } from 'vitest';
import { createNotifier } from '../src/listener.ts';

describe('a listener', () => {
  it('hears every event', () => {
    const heard: number[] = [];
    const notify = createNotifier<number>((event) => heard.push(event));
    notify(1);
    notify(2);
    expect(heard).toEqual([1, 2]);
  });

  it('may be absent', () => {
    expect(() => createNotifier(undefined)('event')).not.toThrow();
  });

  it('may throw', () => {
    const notify = createNotifier(() => {
      throw new Error('broken');
    });
    expect(() => notify('event')).not.toThrow();
  });

  it('may reject, without an unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): unknown => unhandled.push(reason);
    process.on('unhandledRejection', note);
    createNotifier(() => Promise.reject(new Error('broken')))('event');
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});
