import { createTestAuthority } from '@mcp-m2m/testing';
import autocannon from 'autocannon';
import type { Measurement, Suite } from '../measurement.ts';
import { startServer, type ServerProcess } from '../server-process.ts';
import { median, medianRatio } from '../statistics.ts';

const AUDIENCE = 'https://mcp.example.com/mcp';
const VARIANTS = [
  'bare',
  'mcp-m2m',
  'official SDK with jose',
  'express-oauth2-jwt-bearer',
  'express-jwt with jwks-rsa',
] as const;
const ROUNDS = 9;
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
  description: `Requests per second of the same app behind each library, ${ROUNDS} rounds of ${SECONDS_EACH} s in turn; ratios are medians of rounds.`,
  run: async () => {
    await using authority = await createTestAuthority({
      audience: AUDIENCE,
      algorithm: 'RS256',
      scope: 'deploy:read',
    });
    const token = authority.mint();
    const servers = new Map<string, ServerProcess>();
    try {
      for (const variant of VARIANTS) {
        const parameters = [variant, authority.issuer, authority.jwksUri, AUDIENCE];
        servers.set(variant, await startServer('express-variants.ts', parameters));
      }
      return await measure(servers, token);
    } finally {
      for (const server of servers.values()) server[Symbol.dispose]();
    }
  },
};

interface Rounds {
  /** Requests per second, a value a round. */
  readonly rates: number[];
  /** Microseconds of processor time for a request, a value a round. */
  readonly costs: number[];
}

async function measure(
  servers: ReadonlyMap<string, ServerProcess>,
  token: string,
): Promise<readonly Measurement[]> {
  const rounds = new Map<string, Rounds>(
    [...servers.keys()].map((variant) => [variant, { rates: [], costs: [] }]),
  );
  for (let round = -1; round < ROUNDS; round++) {
    for (const [variant, server] of servers) {
      const { rate, cost } = await load(server, token, round === -1 ? 1 : SECONDS_EACH);
      // The first round warms up.
      if (round < 0) continue;
      rounds.get(variant)?.rates.push(rate);
      rounds.get(variant)?.costs.push(cost);
    }
  }
  const of = (variant: (typeof VARIANTS)[number]): Rounds => rounds.get(variant) ?? { rates: [], costs: [] };
  const ours = of('mcp-m2m');
  const ratio = (other: (typeof VARIANTS)[number], atLeast?: number): readonly Measurement[] => [
    {
      name: `mcp-m2m over ${other}, requests/s`,
      value: medianRatio(ours.rates, of(other).rates),
      unit: 'ratio',
      ...(atLeast === undefined ? {} : { target: { atLeast } }),
    },
    {
      name: `${other} over mcp-m2m, processor time`,
      value: medianRatio(of(other).costs, ours.costs),
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
    throw new Error(`${url}: ${result.non2xx} refusals and ${result.errors} errors under load`);
  }
  const answered = result['2xx'];
  return { rate: answered / result.duration, cost: ((await processorMicroseconds()) - before) / answered };
}
