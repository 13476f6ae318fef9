import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import autocannon from 'autocannon';
import type { Measurement, Suite } from '../measurement.ts';
import { startServer, type ServerProcess } from '../server-process.ts';
import { median } from '../statistics.ts';

const AUDIENCE = 'https://mcp.example.com/mcp';
const VARIANTS = [
  'bare',
  'mcp-m2m',
  'official SDK with jose',
  'express-oauth2-jwt-bearer',
  'express-jwt with jwks-rsa',
] as const;
const ROUNDS = 9;
const WARM_UP_SECONDS = 1;
const SECONDS_EACH = 2;
const BODY = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'list_deployments', arguments: {} },
});

/** One token, many requests: the load of a machine that calls tools. */
export const expressThroughput: Suite = {
  name: 'Express, one warm token, 32 connections',
  description: `Requests per second of the same app behind each library, ${ROUNDS} rounds of ${SECONDS_EACH} s in turn, each in a new process; ratios are of medians.`,
  run: async () => {
    await using authority = await createTestAuthority({
      audience: AUDIENCE,
      algorithm: 'RS256',
      scope: 'deploy:read',
    });
    return await measure(authority, authority.mint());
  },
};

interface Rounds {
  /** Requests per second, a value a round. */
  readonly rates: number[];
  /** Microseconds of processor time for a request, a value a round. */
  readonly costs: number[];
}

async function measure(authority: TestAuthority, token: string): Promise<readonly Measurement[]> {
  const rounds = new Map<string, Rounds>(VARIANTS.map((variant) => [variant, { rates: [], costs: [] }]));
  for (let round = 0; round < ROUNDS; round++) {
    for (let index = 0; index < VARIANTS.length; index++) {
      // Every variant follows every other in turn, each time in a new process: two processes with the same
      // program differ by more than what is measured here.
      const variant = VARIANTS[(round + index) % VARIANTS.length] ?? 'bare';
      const parameters = [variant, authority.issuer, authority.jwksUri, AUDIENCE];
      using server = await startServer('express-variants.ts', parameters);
      await load(server, token, WARM_UP_SECONDS).catch((error: unknown) => {
        throw new Error(`${variant} while it warms up`, { cause: error });
      });
      const { rate, cost } = await load(server, token, SECONDS_EACH);
      rounds.get(variant)?.rates.push(rate);
      rounds.get(variant)?.costs.push(cost);
    }
  }
  const of = (variant: (typeof VARIANTS)[number]): Rounds => rounds.get(variant) ?? { rates: [], costs: [] };
  const ours = of('mcp-m2m');
  const ratio = (other: (typeof VARIANTS)[number], atLeast?: number): readonly Measurement[] => [
    {
      name: `mcp-m2m over ${other}, requests/s`,
      value: median(ours.rates) / median(of(other).rates),
      unit: 'ratio',
      ...(atLeast === undefined ? {} : { target: { atLeast } }),
    },
    {
      name: `${other} over mcp-m2m, processor time`,
      value: median(of(other).costs) / median(ours.costs),
      unit: 'ratio',
      ...(atLeast === undefined ? {} : { target: { atLeast } }),
    },
  ];
  return [
    ...VARIANTS.flatMap((variant) => [
      { name: variant, value: Math.round(median(of(variant).rates)), unit: 'requests/s' },
      { name: `${variant}, processor time`, value: median(of(variant).costs), unit: 'µs/request' },
    ]),
    ...ratio('bare', 0.95),
    ...ratio('official SDK with jose', 1.6),
    ...ratio('express-oauth2-jwt-bearer'),
    ...ratio('express-jwt with jwks-rsa'),
  ];
}

async function load(
  { url, processorMicroseconds }: ServerProcess,
  token: string,
  duration: number,
): Promise<{ readonly rate: number; readonly cost: number }> {
  const before = await processorMicroseconds();
  const result = await autocannon({
    url,
    method: 'POST',
    connections: 32,
    duration,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: BODY,
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(
      `${url}: ${JSON.stringify(result.statusCodeStats)} and ${result.errors} errors under load`,
    );
  }
  const answered = result['2xx'];
  return { rate: answered / result.duration, cost: ((await processorMicroseconds()) - before) / answered };
}
