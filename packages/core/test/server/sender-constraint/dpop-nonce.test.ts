import { describe, expect, it } from 'vitest';
import { createNonceAuthority } from '../../../src/server/sender-constraint/dpop-nonce.ts';

const secret = new Uint8Array(32).fill(7);

/** An authority and its clock, in seconds. */
function createScene(options: { readonly secret?: Uint8Array; readonly lifetimeSeconds?: number } = {}) {
  const clock = { seconds: 1_800_000_000 };
  return { clock, nonces: createNonceAuthority({ ...options, now: () => clock.seconds * 1000 }) };
}

describe('createNonceAuthority', () => {
  it('hands out one nonce for a period, and another for the next', async () => {
    const { clock, nonces } = createScene({ secret });
    const first = await nonces.current();
    clock.seconds += 149;
    expect(await nonces.current()).toBe(first);
    clock.seconds += 1;
    expect(await nonces.current()).not.toBe(first);
  });

  it('accepts the nonces of this period and the one before', async () => {
    const { clock, nonces } = createScene({ secret, lifetimeSeconds: 10 });
    const first = await nonces.current();
    const accepted: boolean[] = [];
    for (const seconds of [0, 9, 1, 9, 1, 100]) {
      clock.seconds += seconds;
      accepted.push(await nonces.accepts(first));
    }
    expect(accepted).toEqual([true, true, true, true, false, false]);
  });

  it('accepts no nonce of the time to come', async () => {
    const ahead = createScene({ secret });
    ahead.clock.seconds += 300;
    const { nonces } = createScene({ secret });
    expect(await nonces.accepts(await ahead.nonces.current())).toBe(false);
  });

  it('writes what the header DPoP-Nonce can carry (RFC 9449 §8.1), 256 bits of it', async () => {
    expect(await createScene().nonces.current()).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it('agrees with an authority of the same secret, and with no other', async () => {
    const current = async (options: Parameters<typeof createScene>[0]) =>
      createScene(options).nonces.current();
    expect(await current({ secret })).toBe(await current({ secret: Uint8Array.from(secret) }));
    expect(await current({ secret })).not.toBe(await current({ secret: new Uint8Array(32) }));
    expect(await current({})).not.toBe(await current({}));
  });

  it('does not depend on what becomes of the array that held the secret', async () => {
    const mine = Uint8Array.from(secret);
    const { clock, nonces } = createScene({ secret: mine });
    mine.fill(0);
    clock.seconds += 1500;
    const other = createScene({ secret });
    other.clock.seconds += 1500;
    expect(await nonces.current()).toBe(await other.nonces.current());
  });

  it.each([[{ secret: new Uint8Array(31) }], [{ secret: 'x'.repeat(64) }]])(
    'refuses the secret of %j',
    (options) => {
      expect(() => createScene(options as { secret: Uint8Array })).toThrow(
        /dpop\.nonce\.secret must be at least 32/,
      );
    },
  );

  it.each([0, -1, 3601, Number.NaN, Number.POSITIVE_INFINITY, '150'])(
    'refuses a lifetime of %s',
    (lifetime) => {
      const options = { lifetimeSeconds: lifetime as number };
      expect(() => createScene(options)).toThrow(
        /dpop\.nonce\.lifetimeSeconds must be a number from 1 to 3600/,
      );
    },
  );
});
