import { createResourceServer, type IncomingRequest } from '@mcp-m2m/core/server';
import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import type { Measurement, Suite } from '../measurement.ts';
import { median, medianRatio } from '../statistics.ts';

const AUDIENCE = 'https://mcp.example.com/mcp';
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const;
const TOKENS = 2000;
const CONCURRENCY = 32;
const ROUNDS = 11;
const WARM_CALLS = 100_000;

/** What one `authenticate` costs, with a token that is known and with one that is not. */
export const verificationCost: Suite = {
  name: 'authenticate',
  description: `Warm: ${WARM_CALLS} calls with one token. Cold: ${TOKENS} tokens never seen, ${CONCURRENCY} at a time, beside jose's jwtVerify with the same checks.`,
  run: async () => {
    const measurements: Measurement[] = [];
    for (const algorithm of ALGORITHMS) {
      await using authority = await createTestAuthority({ audience: AUDIENCE, algorithm });
      measurements.push(...(await measureAlgorithm(authority, algorithm)));
    }
    return measurements;
  },
};

async function measureAlgorithm(
  authority: TestAuthority,
  algorithm: string,
): Promise<readonly Measurement[]> {
  const tokens = Array.from({ length: TOKENS }, () => authority.mint());
  const [first = ''] = tokens;
  const options = { resource: AUDIENCE, authorizationServers: [authority.issuer] };
  const cold = createResourceServer({ ...options, tokenCache: { maxEntries: 0 } });
  const keys = createRemoteJWKSet(new URL(authority.jwksUri));
  const checks = { issuer: authority.issuer, audience: AUDIENCE, typ: 'at+jwt', algorithms: [algorithm] };
  const ours = (): Promise<number> =>
    microsecondsEach(tokens, async (token) => {
      if (!(await cold.authenticate(requestWith(token))).ok) throw new Error('refused');
    });
  const jose = (): Promise<number> => microsecondsEach(tokens, (token) => jwtVerify(token, keys, checks));
  const oursCosts: number[] = [];
  const joseCosts: number[] = [];
  for (let round = -2; round < ROUNDS; round++) {
    const costs = [await ours(), await jose()] as const;
    if (round < 0) continue;
    oursCosts.push(costs[0]);
    joseCosts.push(costs[1]);
  }
  return [
    { name: `${algorithm}, warm`, value: await warmCost(first, options), unit: 'µs', target: { atMost: 2 } },
    { name: `${algorithm}, cold`, value: median(oursCosts), unit: 'µs' },
    { name: `${algorithm}, cold, jose`, value: median(joseCosts), unit: 'µs' },
    {
      name: `${algorithm}, cold, jose over mcp-m2m`,
      value: medianRatio(joseCosts, oursCosts),
      unit: 'ratio',
      target: { atLeast: 1 },
    },
  ];
}

async function warmCost(token: string, options: Parameters<typeof createResourceServer>[0]): Promise<number> {
  const server = createResourceServer(options);
  // As many strings as requests: each arrives as bytes of its own, whose hash nobody has computed.
  const requests = Array.from({ length: 1000 }, () => requestWith(Buffer.from(token).toString('latin1')));
  const costs: number[] = [];
  for (let round = -1; round < 7; round++) {
    const startedAt = performance.now();
    for (let call = 0; call < WARM_CALLS; call++) {
      await server.authenticate(requests[call % requests.length] ?? requestWith(token));
    }
    if (round >= 0) costs.push(((performance.now() - startedAt) / WARM_CALLS) * 1000);
  }
  return median(costs);
}

async function microsecondsEach(
  tokens: readonly string[],
  verify: (token: string) => Promise<unknown>,
): Promise<number> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let token = tokens[next++]; token !== undefined; token = tokens[next++]) await verify(token);
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return ((performance.now() - startedAt) / tokens.length) * 1000;
}

function requestWith(token: string): IncomingRequest {
  return {
    method: 'POST',
    url: '/mcp',
    headers: { authorization: [`Bearer ${token}`], 'content-type': ['application/json'] },
  };
}
