import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { guardStore } from '../../../src/client/store/guarded-store.ts';
import type { TokenStore } from '../../../src/client/store/token-store.ts';
import { TokenAcquisitionError } from '../../../src/client/token-acquisition-error.ts';
import { createRenewalScene, tokenOf } from './renewal-scene.ts';
import { createStoredToken } from './stored-token.ts';

const many = <T>(count: number, one: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => one(index)));

function unavailable(retryAfterSeconds: number): TokenAcquisitionError {
  return new TokenAcquisitionError('unavailable', {
    step: 'token_request',
    resource: 'https://mcp.example.com/mcp',
    server: 'https://auth.example.com/token',
    expected: 'a token',
    received: 'status 429',
    retryAfterSeconds,
  });
}

/** Lets every store operation wait for its turn, in any order. */
function schedule(scheduler: fc.Scheduler, store: TokenStore): TokenStore {
  return {
    read: scheduler.scheduleFunction((key: string) => store.read(key)),
    compareAndSet: scheduler.scheduleFunction((...change: Parameters<TokenStore['compareAndSet']>) =>
      store.compareAndSet(...change),
    ),
  };
}

describe('a shared renewal', () => {
  it('makes one token request for fifty cold renewals, and leaves the token in the store without a lease', async () => {
    const scene = createRenewalScene();
    const renewals = await many(50, () => scene.renew());
    expect(new Set(renewals.map(tokenOf))).toEqual(new Set(['token-1']));
    expect(renewals.filter((renewal) => renewal.outcome === 'obtained' && renewal.by === 'us')).toHaveLength(
      1,
    );
    expect(scene.acquisitions()).toBe(1);
    await many(50, () => scene.renew());
    expect(scene.acquisitions()).toBe(1);
    expect(Object.keys((await scene.stored()) ?? {})).toEqual(['token']);
  });

  it('replaces a token that is no longer usable, once for all who hold it', async () => {
    const scene = createRenewalScene();
    await scene.put({ token: createStoredToken({ accessToken: 'refused' }) });
    const isUsable = ({ accessToken }: { accessToken: string }) => accessToken !== 'refused';
    const renewals = await many(20, () => scene.renew({ isUsable }));
    expect(new Set(renewals.map(tokenOf))).toEqual(new Set(['token-1']));
    expect(scene.acquisitions()).toBe(1);
  });

  it('lets those who can still use the old token have it while another renews', async () => {
    const scene = createRenewalScene();
    await scene.put({ token: createStoredToken({ accessToken: 'old' }) });
    let release: () => void = () => undefined;
    const renewing = scene.renew({
      isUsable: ({ accessToken }) => accessToken !== 'old',
      acquire: async () => {
        await new Promise<void>((resolve) => (release = resolve));
        return scene.acquire();
      },
    });
    await vi.waitFor(async () => expect((await scene.stored())?.lease).toBeDefined());
    expect(tokenOf(await scene.renew())).toBe('old');
    release();
    expect(tokenOf(await renewing)).toBe('token-1');
  });

  it('takes over when the holder of the lease has died, by one of those who wait', async () => {
    const scene = createRenewalScene();
    await scene.put({ lease: { owner: 'killed', renewingUntil: Date.now() + 300 } });
    const renewals = await many(10, () => scene.renew());
    expect(new Set(renewals.map(tokenOf))).toEqual(new Set(['token-1']));
    expect(scene.acquisitions()).toBe(1);
  });

  it('obtains a token regardless of a lease once it has waited long enough, and tells the others', async () => {
    const scene = createRenewalScene();
    await scene.put({ lease: { owner: 'hanging', renewingUntil: Date.now() + 60_000 } });
    const others = scene.renew();
    const renewal = await scene.renew({ waitMilliseconds: 100 });
    expect(renewal).toMatchObject({ outcome: 'obtained', by: 'us' });
    expect(tokenOf(await others)).toBe('token-1');
    expect((await scene.stored())?.lease?.owner).toBe('hanging');
    expect(scene.acquisitions()).toBe(1);
  });

  it('leaves a failure that may be its own trouble to its own callers, and the next one tries', async () => {
    const scene = createRenewalScene();
    const failing = scene.renew({
      acquire: async () => {
        await sleep(50);
        throw new Error('its secret cannot be read');
      },
    });
    const others = many(10, () => scene.renew());
    await expect(failing).rejects.toThrow('its secret cannot be read');
    expect(new Set((await others).map(tokenOf))).toEqual(new Set(['token-1']));
    expect(scene.acquisitions()).toBe(1);
  });

  it('tells the others when the authorization server asks to be left alone, and asks again after that', async () => {
    const scene = createRenewalScene();
    await scene.put({ token: createStoredToken({ accessToken: 'old' }) });
    const isUsable = ({ accessToken }: { accessToken: string }) => accessToken !== 'old';
    let refused = 0;
    const acquire = async () => {
      refused += 1;
      await sleep(50);
      throw unavailable(20);
    };
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => scene.renew({ isUsable, acquire })),
    );
    expect(refused).toBe(1);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    const postponed = outcomes.filter((outcome) => outcome.status === 'fulfilled').map(({ value }) => value);
    expect(new Set(postponed.map(({ outcome }) => outcome))).toEqual(new Set(['postponed']));
    const { token, failure, lease } = (await scene.stored()) ?? {};
    expect({ token: token?.accessToken, code: failure?.code, lease }).toEqual({
      token: 'old',
      code: 'unavailable',
      lease: undefined,
    });
    // Who can use what is there is not bothered.
    expect(tokenOf(await scene.renew())).toBe('old');
    const later = () => (failure?.failedUntil ?? 0) + 1;
    expect(tokenOf(await scene.renew({ isUsable, now: later }))).toBe('token-1');
    expect((await scene.stored())?.failure).toBeUndefined();
  });

  it('is not stopped by a lease or a failure from a clock that is years ahead', async () => {
    for (const record of [
      { lease: { owner: 'ahead', renewingUntil: Date.now() + 1e11 } },
      { failure: { code: 'unavailable', failedUntil: Date.now() + 1e11 } },
    ]) {
      const scene = createRenewalScene();
      await scene.put(record);
      expect(tokenOf(await scene.renew())).toBe('token-1');
    }
  });

  it('does not put an old token over a newer one when it wakes after its lease has ended', async () => {
    const scene = createRenewalScene();
    let wake: () => void = () => undefined;
    const sleeper = scene.renew({
      leaseMilliseconds: 50,
      acquire: async () => {
        const token = await scene.acquire();
        await new Promise<void>((resolve) => (wake = resolve));
        return token;
      },
    });
    const other = await scene.renew();
    expect(tokenOf(other)).toBe('token-2');
    wake();
    const slept = await sleeper;
    if (slept.outcome === 'obtained') await slept.told;
    expect(tokenOf(slept)).toBe('token-1');
    expect((await scene.stored())?.token?.accessToken).toBe('token-2');
  });

  it('does not keep a token that lives no time at all', async () => {
    const scene = createRenewalScene();
    const fleeting = createStoredToken({ lifetimeSeconds: 0, requestedAt: Date.now() });
    const renewal = await scene.renew({ acquire: async () => fleeting });
    expect(tokenOf(renewal)).toBe('a-token');
    if (renewal.outcome === 'obtained') await renewal.told;
    expect(await scene.stored()).toBeUndefined();
  });

  it.each([
    ['throws', () => Promise.reject(new Error('down'))],
    ['hangs', () => new Promise<never>(() => undefined)],
  ])('fails nobody while the store %s, and tells it once', async (_, answer) => {
    const scene = createRenewalScene(() => ({ read: answer, compareAndSet: answer }));
    const renewals = await many(20, () => scene.renew());
    expect(renewals.every(({ outcome }) => outcome === 'obtained')).toBe(true);
    await many(20, () => scene.renew());
    expect(scene.acquisitions()).toBe(40);
    expect(scene.told).toHaveLength(1);
  });

  it('fails nobody when the store stops answering between a claim and the token', async () => {
    let down = false;
    const scene = createRenewalScene((store) => ({
      read: (key) => (down ? Promise.reject(new Error('down')) : store.read(key)),
      compareAndSet: (...change) =>
        down ? Promise.reject(new Error('down')) : store.compareAndSet(...change),
    }));
    const renewals = await many(10, () =>
      scene.renew({
        acquire: async () => {
          down = true;
          return scene.acquire();
        },
      }),
    );
    expect(renewals.every(({ outcome }) => outcome === 'obtained')).toBe(true);
  });

  it('fails nobody with a store that accepts no change', async () => {
    const scene = createRenewalScene((store) => ({
      read: (key) => store.read(key),
      compareAndSet: async () => false,
    }));
    const renewals = await many(5, () => scene.renew({ waitMilliseconds: 150 }));
    expect(renewals.every(({ outcome }) => outcome === 'obtained')).toBe(true);
    expect(scene.acquisitions()).toBe(5);
  });

  it('fails nobody, and makes few requests, when the store forgets everything meanwhile', async () => {
    const scene = createRenewalScene();
    const renewing = many(20, () =>
      scene.renew({
        acquire: async () => {
          await sleep(150);
          return scene.acquire();
        },
      }),
    );
    await sleep(50);
    const { version } = (await scene.memory.read('key')) ?? {};
    expect(await scene.memory.compareAndSet('key', version, undefined, { expiresAt: 0 })).toBe(true);
    expect((await renewing).every(({ outcome }) => outcome === 'obtained')).toBe(true);
    expect(scene.acquisitions()).toBe(2);
  });

  it('asks once, and gives everybody that token, in whatever order the store and the server answer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 8 }), async (scheduler, count) => {
        const scene = createRenewalScene();
        const store = guardStore(schedule(scheduler, scene.memory), { timeoutMilliseconds: 20_000 });
        const acquire = scheduler.scheduleFunction(scene.acquire);
        const renewals = await scheduler.waitFor(many(count, () => scene.renew({ store, acquire })));
        expect(new Set(renewals.map(tokenOf))).toEqual(new Set(['token-1']));
        expect(scene.acquisitions()).toBe(1);
      }),
      { numRuns: 40 },
    );
  });

  it('fails only those whose own acquisition fails, in whatever order the store and the server answer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.boolean(), { minLength: 2, maxLength: 6 }),
        async (scheduler, healthy) => {
          const scene = createRenewalScene();
          const store = guardStore(schedule(scheduler, scene.memory), { timeoutMilliseconds: 20_000 });
          const fail = () => Promise.reject(new Error('its own trouble'));
          const outcomes = await scheduler.waitFor(
            Promise.allSettled(
              healthy.map((isHealthy) =>
                scene.renew({ store, acquire: scheduler.scheduleFunction(isHealthy ? scene.acquire : fail) }),
              ),
            ),
          );
          const statuses = outcomes.filter((_, index) => healthy[index]).map(({ status }) => status);
          expect(statuses).toEqual(statuses.map(() => 'fulfilled'));
          expect(scene.acquisitions()).toBe(healthy.includes(true) ? 1 : 0);
        },
      ),
      { numRuns: 25 },
    );
  });
});
