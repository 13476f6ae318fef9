import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  ALL_CALLERS,
  LIFETIME_SECONDS,
  startSourcesFleet,
  untilRequested,
  type SourcesFleet,
  type SourcesRound,
} from './sources-fleet.ts';

const MOST_ATTEMPTS = 6;
/** Longer than a store is left alone after it has failed. */
const PAUSE_MILLISECONDS = 6000;

let fleet: SourcesFleet;
beforeAll(async () => {
  fleet = await startSourcesFleet();
});
afterAll(() => fleet.close());

let paths = 0;

/**
 * Tells a story of an MCP server that nobody has a token for yet; and again, of another one, where it failed while
 * Redis was too slow: then tokens are obtained without it, as they should be.
 */
async function tell(story: (path: string) => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const slow = fleet.slowAnswers();
    try {
      return await story(`/mcp-${++paths}`);
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || fleet.slowAnswers() === slow) throw error;
      fleet.authority.endpoints.token.recover();
      await sleep(PAUSE_MILLISECONDS);
    }
  }
}

function expectToken({ tokens, failures }: SourcesRound): string {
  expect(failures).toEqual([]);
  expect(tokens).toHaveLength(ALL_CALLERS);
  expect(new Set(tokens).size).toBe(1);
  return tokens[0] ?? '';
}

// The order of these tests matters: the last ones leave a process less, and the store as it was.
describe('ten processes with twenty callers each, one Redis and one authorization server', () => {
  it('make one token request when all is cold, none while the token lives, and one at its end', () =>
    tell(async (path) => {
      for (const [expected, seconds] of [
        [1, 0],
        [0, 10],
        [1, LIFETIME_SECONDS + 1],
        [1, LIFETIME_SECONDS + 1],
      ] as const) {
        fleet.advanceSeconds(seconds);
        const round = await fleet.getTokens(path);
        expectToken(round);
        expect(round.tokenRequests).toBe(expected);
      }
      const taken = Array<string>(9).fill('token_shared');
      expect(fleet.events.toSorted()).toEqual(['refresh success', ...taken]);
    }));

  it('renew before the end by one token request, which delays nobody', () =>
    tell(async (path) => {
      const old = expectToken(await fleet.getTokens(path));
      // Past the spread of all of them.
      fleet.advanceSeconds(LIFETIME_SECONDS * 0.87);
      const release = fleet.authority.endpoints.token.hold();
      expect(expectToken(await fleet.getTokens(path))).toBe(old);
      await untilRequested(fleet);
      release();
      await vi.waitFor(() => expect(fleet.events).toHaveLength(10), { timeout: 15_000 });
      expect(fleet.authority.endpoints.token.requests).toHaveLength(1);
      const after = await fleet.getTokens(path);
      expect(expectToken(after)).not.toBe(old);
      expect(after.tokenRequests).toBe(0);
    }));

  it('meet one 429 for all of them, and leave the server alone for as long as it says', () =>
    tell(async (path) => {
      fleet.authority.endpoints.token.answerWith({ status: 429, headers: { 'retry-after': '20' } });
      const refused = await fleet.getTokens(path);
      const now = fleet.authority.now();
      expect(refused.tokens).toEqual([]);
      expect(refused.failures).toHaveLength(ALL_CALLERS);
      for (const [code, retryAt = 0] of refused.failures) {
        expect(code).toBe('unavailable');
        expect(retryAt).toBeGreaterThan(now);
        expect(retryAt).toBeLessThanOrEqual(now + 20_000);
      }
      expect(refused.tokenRequests).toBe(1);
      expect(await fleet.getTokens(path)).toMatchObject({ tokens: [], tokenRequests: 0 });
      fleet.authority.endpoints.token.recover();
      fleet.advanceSeconds(21);
      const round = await fleet.getTokens(path);
      expectToken(round);
      expect(round.tokenRequests).toBe(1);
    }));

  it('fail nobody of a 429 while the token in use lives', () =>
    tell(async (path) => {
      const old = expectToken(await fleet.getTokens(path));
      fleet.authority.endpoints.token.answerWith({ status: 429, headers: { 'retry-after': '30' } });
      for (const seconds of [LIFETIME_SECONDS * 0.87, 10, 10, 10]) {
        fleet.advanceSeconds(seconds);
        expect(expectToken(await fleet.getTokens(path))).toBe(old);
      }
      fleet.authority.endpoints.token.recover();
      fleet.advanceSeconds(LIFETIME_SECONDS);
      expect(expectToken(await fleet.getTokens(path))).not.toBe(old);
    }));

  it('fail nobody but those who leave, whichever process they are in', () =>
    tell(async (path) => {
      const release = fleet.authority.endpoints.token.hold();
      const asking = fleet.getTokens(path, 19);
      await untilRequested(fleet);
      release();
      const { tokens, failures, tokenRequests } = await asking;
      expect(failures.map(([reason]) => reason)).toEqual(Array(190).fill('left'));
      expect(tokens).toHaveLength(10);
      expect(new Set(tokens).size).toBe(1);
      expect(tokenRequests).toBe(1);
    }));

  it('fail nobody when Redis is killed, and share again when it is back', async () => {
    const path = '/mcp-killed';
    await fleet.getTokens(path);
    await fleet.redis.kill();
    for (let round = 0; round < 3; round++) {
      fleet.advanceSeconds(LIFETIME_SECONDS + 1);
      const { tokens, failures, tokenRequests } = await fleet.getTokens(path);
      expect(failures).toEqual([]);
      expect(tokens).toHaveLength(ALL_CALLERS);
      expect(tokenRequests).toBe(10);
    }
    await fleet.redis.start();
    await sleep(PAUSE_MILLISECONDS);
    await tell(async (other) => {
      const round = await fleet.getTokens(other);
      expectToken(round);
      expect(round.tokenRequests).toBe(1);
    });
  });
});
