import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startClientFleet, untilAcquiring, type ClientFleet, type Round } from './client-fleet.ts';
import { REDIS_CLIENTS } from './redis-clients.ts';

const ALL = 10 * 20;

// The order of these tests matters: the first finds everything cold, the last leaves a process less.
describe('ten processes with one Redis and one authorization server', () => {
  let fleet: ClientFleet;
  beforeAll(async () => {
    fleet = await startClientFleet({ storeTimeoutMilliseconds: 10_000, leaseMilliseconds: 5000 });
  });
  afterAll(() => fleet.close());

  it('make one token request for two hundred cold callers, none while the token lives, and one at its end', async () => {
    for (const [expected, expired] of [
      [1, false],
      [0, false],
      [1, true],
      [1, true],
    ] as const) {
      if (expired) fleet.expireTokens();
      const { tokens, failures, tokenRequests } = await fleet.renew();
      expect(failures).toEqual([]);
      expect(tokens).toHaveLength(ALL);
      expect(new Set(tokens).size).toBe(1);
      expect(tokenRequests).toBe(expected);
    }
    expect(fleet.storeFailures).toEqual([]);
  });

  it('go on when the one that renews is suspended past its lease, and keep the newer token when it wakes', async () => {
    fleet.expireTokens();
    const release = fleet.authority.endpoints.token.hold();
    const renewing = fleet.renew();
    const sleeper = await untilAcquiring(fleet);
    sleeper.kill('SIGSTOP');
    await untilAcquiring(fleet, 2);
    release();
    await sleep(500);
    sleeper.kill('SIGCONT');
    const { tokens, failures, tokenRequests } = await renewing;
    expect(failures).toEqual([]);
    expect(tokens).toHaveLength(ALL);
    expect(tokenRequests).toBe(2);
    const { tokens: kept, tokenRequests: further } = await fleet.renew();
    expect(new Set(kept).size).toBe(1);
    expect(further).toBe(0);
  });

  it('fail nobody when Redis forgets everything while one renews', async () => {
    fleet.expireTokens();
    const connection = await REDIS_CLIENTS.ioredis?.(fleet.redis.socketPath);
    const release = fleet.authority.endpoints.token.hold();
    const renewing = fleet.renew();
    await untilAcquiring(fleet);
    await connection?.command(['FLUSHALL']);
    await untilAcquiring(fleet, 2);
    release();
    connection?.close();
    const { tokens, failures, tokenRequests } = await renewing;
    expect(failures).toEqual([]);
    expect(tokens).toHaveLength(ALL);
    expect(tokenRequests).toBe(2);
  });

  it('make one more token request when the one that renews is killed', async () => {
    fleet.expireTokens();
    const release = fleet.authority.endpoints.token.hold();
    const renewing = fleet.renew();
    const holder = await untilAcquiring(fleet);
    holder.kill('SIGKILL');
    await vi.waitFor(() => expect(fleet.acquiring()).toEqual([]), { timeout: 10_000 });
    release();
    const { tokens, failures, tokenRequests } = await renewing;
    expect(failures).toEqual([]);
    expect(tokens).toHaveLength(ALL - 20);
    expect(new Set(tokens).size).toBe(1);
    expect(tokenRequests).toBe(2);
  });
});

describe('ten processes whose Redis fails', () => {
  let fleet: ClientFleet;
  beforeAll(async () => {
    fleet = await startClientFleet({ storeTimeoutMilliseconds: 500, leaseMilliseconds: 5000 });
  });
  afterAll(() => fleet.close());

  /** Renews, past the end of every token, until one token request is enough again. */
  async function expectSharingToResume(): Promise<void> {
    const rounds: Round[] = [];
    await vi.waitFor(
      async () => {
        fleet.expireTokens();
        const round = await fleet.renew();
        rounds.push(round);
        expect(round.tokenRequests).toBe(1);
      },
      { timeout: 40_000, interval: 300 },
    );
    expect(rounds.flatMap(({ failures }) => failures)).toEqual([]);
  }

  it('fail nobody while it is killed and started again, and share again after that', async () => {
    const rounds: Round[] = [];
    const over = new AbortController();
    const load = (async () => {
      while (!over.signal.aborted) {
        rounds.push(await fleet.renew());
        fleet.expireTokens();
      }
    })();
    await sleep(300);
    for (let time = 0; time < 2; time++) {
      await fleet.redis.kill();
      await sleep(700);
      await fleet.redis.start();
      await sleep(700);
    }
    over.abort();
    await load;
    expect(rounds.flatMap(({ failures }) => failures)).toEqual([]);
    expect(rounds.every(({ tokens }) => tokens.length === ALL)).toBe(true);
    // Each process tells once a minute, not once a request.
    expect(fleet.storeFailures.length).toBeGreaterThan(0);
    expect(fleet.storeFailures.length).toBeLessThanOrEqual(10);
    await expectSharingToResume();
  });

  it('fail nobody when it dies while one renews, and share again after that', async () => {
    fleet.expireTokens();
    const release = fleet.authority.endpoints.token.hold();
    const renewing = fleet.renew();
    await untilAcquiring(fleet);
    await fleet.redis.kill();
    release();
    const { tokens, failures } = await renewing;
    expect(failures).toEqual([]);
    expect(tokens).toHaveLength(ALL);
    await fleet.redis.start();
    await expectSharingToResume();
  });

  it('fail nobody while it hangs, and share again when it wakes', async () => {
    fleet.redis.suspend();
    for (let round = 0; round < 3; round++) {
      fleet.expireTokens();
      const { tokens, failures } = await fleet.renew();
      expect(failures).toEqual([]);
      expect(tokens).toHaveLength(ALL);
    }
    fleet.redis.resume();
    await expectSharingToResume();
  });
});
