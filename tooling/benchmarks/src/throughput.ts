import autocannon from 'autocannon';
import type { Measurement } from './measurement.ts';
import { startServer, type ServerProcess } from './server-process.ts';
import { median } from './statistics.ts';

const ROUNDS = 9;
const WARM_UP_SECONDS = 1;
const SECONDS_EACH = 2;
const BODY = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'list_deployments', arguments: {} },
});

/** How a comparison is made, in a sentence. */
export const THROUGHPUT_METHOD = `${ROUNDS} rounds of ${SECONDS_EACH} s in turn, each in a new process; ratios are of medians.`;

/** What is compared: the first variant has nothing in front of its handler, the second is ours. */
export interface Comparison {
  readonly program: string;
  readonly variants: readonly [bare: string, ours: string, ...peers: string[]];
  /** The parameters of the program after the variant. */
  readonly parameters: readonly string[];
  readonly tokenFor: (variant: string) => string;
  /** Least ratios of ours over a variant, by its name. */
  readonly targets: Readonly<Record<string, number>>;
}

interface Rounds {
  /** Requests per second, a value a round. */
  readonly rates: number[];
  /** Microseconds of processor time for a request, a value a round. */
  readonly costs: number[];
}

/** Measures the same app behind each variant, with one token and 32 connections. */
export async function compareThroughput(comparison: Comparison): Promise<readonly Measurement[]> {
  const { program, variants, parameters, tokenFor, targets } = comparison;
  const rounds = new Map<string, Rounds>(variants.map((variant) => [variant, { rates: [], costs: [] }]));
  for (let round = 0; round < ROUNDS; round++) {
    for (let index = 0; index < variants.length; index++) {
      // Every variant follows every other in turn, each time in a new process: two processes with the same
      // program differ by more than what is measured here.
      const variant = variants[(round + index) % variants.length] ?? '';
      using server = await startServer(program, [variant, ...parameters]);
      const token = tokenFor(variant);
      await load(server, token, WARM_UP_SECONDS).catch((error: unknown) => {
        throw new Error(`${variant} while it warms up`, { cause: error });
      });
      const { rate, cost } = await load(server, token, SECONDS_EACH);
      rounds.get(variant)?.rates.push(rate);
      rounds.get(variant)?.costs.push(cost);
    }
  }
  const of = (variant: string): Rounds => rounds.get(variant) ?? { rates: [], costs: [] };
  const [, ours] = variants;
  return [
    ...variants.flatMap((variant) => [
      { name: variant, value: Math.round(median(of(variant).rates)), unit: 'requests/s' },
      { name: `${variant}, processor time`, value: median(of(variant).costs), unit: 'µs/request' },
    ]),
    ...variants
      .filter((variant) => variant !== ours)
      .flatMap((other): Measurement[] => {
        const atLeast = targets[other];
        const target = atLeast === undefined ? {} : { target: { atLeast } };
        const rate = median(of(ours).rates) / median(of(other).rates);
        const cost = median(of(other).costs) / median(of(ours).costs);
        return [
          { name: `${ours} over ${other}, requests/s`, value: rate, unit: 'ratio', ...target },
          { name: `${other} over ${ours}, processor time`, value: cost, unit: 'ratio', ...target },
        ];
      }),
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
