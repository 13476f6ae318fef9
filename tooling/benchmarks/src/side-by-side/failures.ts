import { setTimeout } from 'node:timers/promises';
import { createArena, type Arena } from './arena.ts';
import type { Comparison } from './comparison.ts';
import { callOnce, succeeds, type Contestant } from './contestant.ts';

const REFUSAL = { error: 'temporarily_unavailable' };
const TIMEOUT_MILLISECONDS = 200;
const PATIENCE_MILLISECONDS = 2000;

/** Authorization servers that are overloaded, broken, silent, or no longer know the client. */
export const failures: readonly Comparison[] = [
  {
    name: '20 calls, the token endpoint answering 429 with Retry-After: token requests',
    unit: 'requests',
    ours: 1,
    better: 'less',
    measure: (contestant) =>
      requestsOfCalls(contestant, 20, ({ authority }) =>
        authority.endpoints.token.answerWith({
          status: 429,
          headers: { 'retry-after': '60' },
          json: REFUSAL,
        }),
      ),
  },
  {
    name: '20 calls, the token endpoint answering 503: token requests',
    unit: 'requests',
    ours: 1,
    better: 'less',
    measure: (contestant) =>
      requestsOfCalls(contestant, 20, ({ authority }) =>
        authority.endpoints.token.answerWith({ status: 503, json: REFUSAL }),
      ),
  },
  {
    name: '50 calls with a credential that was withdrawn (invalid_client): token requests',
    unit: 'requests',
    ours: 1,
    better: 'less',
    measure: (contestant) =>
      requestsOfCalls(contestant, 50, ({ authority }) =>
        authority.registerClient({ clientId: 'nightly-report', secret: 'another' }),
      ),
  },
  {
    name: 'a call, the token endpoint hanging: ends by itself within 2 s',
    unit: 'calls',
    ours: 1,
    better: 'more',
    measure: callsThatEnd,
  },
];

async function requestsOfCalls(
  contestant: Contestant,
  calls: number,
  breakIt: (arena: Arena) => void,
): Promise<number> {
  await using arena = await createArena();
  const { url } = await arena.startServer();
  const options = contestant.prepare(arena, { url });
  breakIt(arena);
  for (let call = 0; call < calls; call++) {
    if (await succeeds(callOnce(url, options))) throw new Error('a call went through without a token');
  }
  return arena.tokenRequests();
}

async function callsThatEnd(contestant: Contestant): Promise<number> {
  await using arena = await createArena();
  const { url } = await arena.startServer();
  const options = contestant.prepare(arena, { url, timeoutMilliseconds: TIMEOUT_MILLISECONDS });
  arena.authority.endpoints.token.hang();
  const call = succeeds(callOnce(url, options)).then(() => 1);
  return await Promise.race([call, setTimeout(PATIENCE_MILLISECONDS, 0)]);
}
