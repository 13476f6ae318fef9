import autocannon from 'autocannon';
import type { Measurement } from './measurement.ts';
import { randomOrder } from './random-order.ts';
import { startServer, type ServerProcess } from './server-process.ts';
import { median } from './statistics.ts';

const ROUNDS = 3;
const LOADS = 5;
const SECONDS_EACH = 1;
// Until V8 has compiled what it will, its compilers take more processor time than the requests do, and the more code
// there is, the more.
const WARM_UP_REQUESTS = 50_000;
const BODY = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'list_deployments', arguments: {} },
});

/** How a comparison is made, in a sentence. */
export const THROUGHPUT_METHOD = `${ROUNDS} times in new processes, each warmed up by ${WARM_UP_REQUESTS} requests and then loaded ${LOADS} times for ${SECONDS_EACH} s in turn with the others; ratios are of medians.`;

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

interface Loads {
  /** Requests per second, a value a load. */
  readonly rates: number[];
  /** Microseconds of processor time for a request, a value a load. */
  readonly costs: number[];
}

/** Measures the same app behind each variant, with one token and 32 connections. */
export async function compareThroughput(comparison: Comparison): Promise<readonly Measurement[]> {
  const { program, variants, parameters, tokenFor, targets } = comparison;
  const loads = new Map<string, Loads>(variants.map((variant) => [variant, { rates: [], costs: [] }]));
  const of = (variant: string): Loads => loads.get(variant) ?? { rates: [], costs: [] };
  // In new processes each time: two with the same program differ by more than what is measured here.
  for (let round = 0; round < ROUNDS; round++) {
    using running = new DisposableStack();
    const servers: { readonly variant: string; readonly server: ServerProcess; readonly token: string }[] =
      [];
    for (const variant of variants) {
      const server = running.use(await startServer(program, [variant, ...parameters]));
      const token = tokenFor(variant);
      await load(server, token, { amount: WARM_UP_REQUESTS }).catch((error: unknown) => {
        throw new Error(`${variant} while it warms up`, { cause: error });
      });
      servers.push({ variant, server, token });
    }
    for (let turn = 0; turn < LOADS; turn++) {
      for (const index of randomOrder(servers.length)) {
        const chosen = servers[index];
        if (chosen === undefined) continue;
        const { variant, server, token } = chosen;
        const { rate, cost } = await load(server, token, { duration: SECONDS_EACH });
        of(variant).rates.push(rate);
        of(variant).costs.push(cost);
      }
    }
  }
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
  extent: { readonly amount: number } | { readonly duration: number },
): Promise<{ readonly rate: number; readonly cost: number }> {
  const before = await processorMicroseconds();
  const result = await autocannon({
    url,
    method: 'POST',
    connections: 32,
    ...extent,
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
