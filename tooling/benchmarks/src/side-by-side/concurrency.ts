import { setTimeout } from 'node:timers/promises';
import { createArena, TOKEN_LIFETIME_SECONDS } from './arena.ts';
import type { Comparison } from './comparison.ts';
import { callOnce, type Contestant } from './contestant.ts';

const CALLS = 50;
/** A token is due for renewal, and half a minute is left for clocks that disagree. */
const SHORTLY_BEFORE_EXPIRY_SECONDS = TOKEN_LIFETIME_SECONDS - 31;
/** Later by more than that half a minute, which servers grant too. */
const AFTER_EXPIRY_SECONDS = 70;
/** A third of a second: on one machine, nothing takes as long that does not wait for something. */
const MOST_UNCHANGED = 33;

/** Many calls at the same time: with no token yet, and around the moment when the token expires. */
export const concurrency: readonly Comparison[] = [
  {
    name: `${CALLS} cold calls at once: token requests`,
    unit: 'requests',
    ours: 1,
    better: 'less',
    measure: (contestant) => coldCalls(contestant, CALLS),
  },
  {
    name: '1,000 cold calls at once: token requests',
    unit: 'requests',
    ours: 1,
    better: 'less',
    slow: true,
    measure: (contestant) => coldCalls(contestant, 1000),
  },
  {
    name: `${CALLS} calls shortly before and after expiry: token requests`,
    unit: 'requests',
    ours: 1,
    better: 'less',
    measure: async (contestant) => (await acrossExpiry(contestant)).tokenRequests,
  },
  {
    name: `${CALLS} calls shortly before and after expiry: calls refused and sent again`,
    unit: 'calls',
    ours: 0,
    better: 'less',
    measure: async (contestant) => (await acrossExpiry(contestant)).refused,
  },
  {
    name: `${CALLS} calls at renewal, the token endpoint holding: calls that wait for it`,
    unit: 'calls',
    ours: 0,
    better: 'less',
    measure: waitingCalls,
  },
];

async function coldCalls(contestant: Contestant, calls: number): Promise<number> {
  await using arena = await createArena();
  const { url } = await arena.startServer();
  const options = contestant.prepare(arena, { url });
  await Promise.all(Array.from({ length: calls }, () => callOnce(url, options)));
  return arena.tokenRequests();
}

async function acrossExpiry(
  contestant: Contestant,
): Promise<{ readonly tokenRequests: number; readonly refused: number }> {
  await using arena = await createArena();
  const server = await arena.startServer();
  const options = contestant.prepare(arena, server);
  await callOnce(server.url, options);
  const [requestsBefore, refusedBefore] = [arena.tokenRequests(), server.refusals(401)];
  for (const seconds of [SHORTLY_BEFORE_EXPIRY_SECONDS, AFTER_EXPIRY_SECONDS]) {
    arena.authority.advanceSeconds(seconds);
    await Promise.all(Array.from({ length: CALLS }, () => callOnce(server.url, options)));
    await settled(() => arena.tokenRequests());
  }
  return {
    tokenRequests: arena.tokenRequests() - requestsBefore,
    refused: server.refusals(401) - refusedBefore,
  };
}

/** Each client is looked at when it renews: ours before the token expires, the official one afterwards. */
async function waitingCalls(contestant: Contestant): Promise<number> {
  await using arena = await createArena();
  const { url } = await arena.startServer();
  const options = contestant.prepare(arena, { url });
  await callOnce(url, options);
  const before = arena.tokenRequests();
  let release = arena.authority.endpoints.token.hold();
  let waiting = 0;
  for (const seconds of [SHORTLY_BEFORE_EXPIRY_SECONDS, AFTER_EXPIRY_SECONDS]) {
    arena.authority.advanceSeconds(seconds);
    waiting = CALLS;
    const calls = Array.from({ length: CALLS }, () => callOnce(url, options).finally(() => waiting--));
    await settled(() => `${waiting} ${arena.tokenRequests()}`);
    const found = waiting;
    const renewing = arena.tokenRequests() > before;
    release();
    await Promise.all(calls);
    if (renewing) return found;
    release = arena.authority.endpoints.token.hold();
  }
  release();
  return waiting;
}

/** Waits until a value has stopped changing: what was going to happen has happened, and the rest waits. */
async function settled(read: () => unknown): Promise<void> {
  let [last, unchanged] = [read(), 0];
  while (unchanged < MOST_UNCHANGED) {
    await setTimeout(10);
    const value = read();
    unchanged = value === last ? unchanged + 1 : 0;
    last = value;
  }
}
