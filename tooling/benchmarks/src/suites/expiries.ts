import {
  authorizedFetch,
  clientSecretBasic,
  createTokenSources,
  type TokenSource,
} from '@mcp-m2m/core/client';
import { ClientCredentialsProvider, withOAuth } from '@modelcontextprotocol/client';
import { applyConstantLoad, type LoadResult } from '../constant-load.ts';
import type { Measurement, Suite } from '../measurement.ts';
import { randomOrder } from '../random-order.ts';
import { startServer } from '../server-process.ts';
import { medianRatio, percentile } from '../statistics.ts';

const SERVERS = 10;
const EVERY_MILLISECONDS = 5;
const LATENCY_MILLISECONDS = 50;
const SHORT_LIFE_SECONDS = 5;
const LONG_LIFE_SECONDS = 3600;
const ROUNDS = 5;
/** Long enough for two renewals of each token. */
const SECONDS_A_ROUND = 10;
const EXPIRIES = 2 * SERVERS * ROUNDS;
const SECRET = 'a-secret-without-anything-special';

/** What becomes of requests while tokens expire under them. */
export const expiries: Suite = {
  name: `Client: ${EXPIRIES} expiries under constant load`,
  description: `A request every ${EVERY_MILLISECONDS} ms to ${SERVERS} servers in turn, on the real clock; tokens live ${SHORT_LIFE_SECONDS} s, and the token endpoint takes ${LATENCY_MILLISECONDS} ms. ${ROUNDS} rounds of ${SECONDS_A_ROUND} s, and as many with tokens that live an hour, in random order. A request waits if it has not been sent by the next turn of the event loop.`,
  run: async () => {
    using server = await startServer('short-lived-tokens.ts', [String(LATENCY_MILLISECONDS)]);
    const resources = Array.from({ length: SERVERS }, (_, index) => `${server.url}/${index}`);
    const [expiring, lasting] = [
      await prepare(resources, SHORT_LIFE_SECONDS),
      await prepare(resources, LONG_LIFE_SECONDS),
    ];
    const [rounds, controls]: [LoadResult[], LoadResult[]] = [[], []];
    let renewed = 0;
    for (let round = 0; round < ROUNDS; round++) {
      for (const index of randomOrder(2)) {
        const clients = index === 0 ? expiring : lasting;
        // Idle since its last round, for longer than the tokens may live.
        await clients.warmUp();
        const before = clients.counts.renewed;
        (index === 0 ? rounds : controls).push(await load(clients));
        renewed += clients.counts.renewed - before;
      }
    }
    const official = prepareOfficial(resources);
    const officialRound = await load(official);
    return [
      { name: 'tokens renewed under load', value: renewed, unit: 'tokens', target: { atLeast: EXPIRIES } },
      ...report(expiring, rounds, controls),
      ...reportOfficial(official, officialRound, controls),
    ];
  },
};

/** Clients of all servers, and what is counted of them. */
interface Clients {
  readonly fetches: readonly ((url: string) => Promise<Response>)[];
  readonly resources: readonly string[];
  readonly counts: { renewed: number; waited: number; refused: number };
}

function load({ fetches, resources }: Clients): Promise<LoadResult> {
  const send = (count: number): Promise<Response> => {
    const index = count % SERVERS;
    return (fetches[index] ?? fetch)(resources[index] ?? '');
  };
  return applyConstantLoad(send, { everyMilliseconds: EVERY_MILLISECONDS, seconds: SECONDS_A_ROUND });
}

async function prepare(
  resources: readonly string[],
  lifetimeSeconds: number,
): Promise<Clients & { readonly warmUp: () => Promise<unknown> }> {
  const counts = { renewed: 0, waited: 0, refused: 0 };
  const sources = createTokenSources({
    issuer: new URL(resources[0] ?? '').origin,
    clientId: `lives-${lifetimeSeconds}`,
    authentication: clientSecretBasic({ clientSecret: SECRET }),
    onEvent: (event) => {
      if (event.type === 'token_request' && event.reason === 'refresh') counts.renewed += 1;
    },
  });
  const countingFetch = countRefusals(counts);
  const fetches = resources.map((resource) => {
    const source = countWaits(sources.sourceFor(resource), counts);
    return authorizedFetch(source, { fetch: countingFetch });
  });
  const warmUp = (): Promise<unknown> =>
    Promise.all(resources.map((resource) => sources.sourceFor(resource).getToken()));
  await warmUp();
  return { fetches, resources, counts, warmUp };
}

/** A provider for each server: one for all would present the token of one to the others. */
function prepareOfficial(resources: readonly string[]): Clients {
  const counts = { renewed: 0, waited: 0, refused: 0 };
  const fetches = resources.map((resource) => {
    const provider = new ClientCredentialsProvider({
      clientId: `lives-${SHORT_LIFE_SECONDS}`,
      clientSecret: SECRET,
      expectedIssuer: new URL(resource).origin,
    });
    return withOAuth(provider, resource)(countRefusals(counts));
  });
  return { fetches, resources, counts };
}

function countWaits(source: TokenSource, counts: { waited: number }): TokenSource {
  return {
    ...source,
    getToken(options) {
      let waiting = true;
      setImmediate(() => {
        if (waiting) counts.waited += 1;
      });
      return source.getToken(options).finally(() => (waiting = false));
    },
  };
}

function countRefusals(counts: { refused: number }) {
  return async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const response = await fetch(input, init);
    if (response.status === 401) counts.refused += 1;
    return response;
  };
}

const p99 = ({ latencies }: LoadResult): number => percentile(latencies, 0.99);

function report(
  { counts }: Clients,
  rounds: readonly LoadResult[],
  controls: readonly LoadResult[],
): readonly Measurement[] {
  const all = (results: readonly LoadResult[]): readonly number[] =>
    results.flatMap(({ latencies }) => latencies);
  const failed = rounds.reduce((sum, round) => sum + round.failed, 0);
  const none = { unit: 'requests', target: { atMost: 0 } };
  return [
    { name: 'requests', value: all(rounds).length + failed, unit: 'requests' },
    { name: 'failed', value: failed, ...none },
    { name: 'waited for a token', value: counts.waited, ...none },
    { name: 'refused by a server, and sent again', value: counts.refused, ...none },
    { name: 'p99', value: percentile(all(rounds), 0.99), unit: 'ms' },
    { name: 'p99 without expiry', value: percentile(all(controls), 0.99), unit: 'ms' },
    { name: 'longest', value: Math.max(...all(rounds)), unit: 'ms' },
    { name: 'longest without expiry', value: Math.max(...all(controls)), unit: 'ms' },
    {
      name: 'p99 over p99 without expiry',
      value: medianRatio(rounds.map(p99), controls.map(p99)),
      unit: 'ratio',
      target: { atMost: 1.1 },
    },
  ];
}

function reportOfficial(
  { counts }: Clients,
  round: LoadResult,
  controls: readonly LoadResult[],
): readonly Measurement[] {
  const name = "the official client's withOAuth, one round";
  return [
    { name: `${name}: failed`, value: round.failed, unit: 'requests' },
    { name: `${name}: refused, and sent again`, value: counts.refused, unit: 'requests' },
    {
      name: `${name}: p99 over p99 without expiry`,
      value: medianRatio([p99(round)], controls.map(p99)),
      unit: 'ratio',
    },
  ];
}
