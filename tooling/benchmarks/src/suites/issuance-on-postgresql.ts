import { availableParallelism } from 'node:os';
import { startCluster, type Cluster } from 'local-postgresql';
import { compareIssuance, extentOf, ISSUANCE_METHOD, type Extent } from '../issuance/compare-issuance.ts';
import { describeFigures, describeRatios } from '../issuance/issuance-measurements.ts';
import { loadServer } from '../issuance/load-server.ts';
import { registerClient, type Method, type RegisteredClient } from '../issuance/registered-clients.ts';
import { makeTokenRequest } from '../issuance/token-requests.ts';
import { startBare, startOurs } from '../issuance/token-server.ts';
import type { Measurement, Suite } from '../measurement.ts';
import { median, medianRatio } from '../statistics.ts';

const METHODS: readonly Method[] = ['secret', 'private_key_jwt'];
/** Server, database and load share the cores: with fewer of them, what is measured is who gets one. */
const ENOUGH_CORES = 6;
const DURABLE = { fsync: 'on', full_page_writes: 'on' };

/** What a database of its own costs, and what a second instance brings. */
export const issuanceOnPostgresql: Suite = {
  name: 'Tokens issued, PostgreSQL',
  description: `As on SQLite, with a PostgreSQL on this machine that writes durably; its own processor time is not in the figures. Targets hold where there are ${ENOUGH_CORES} cores or more. ${ISSUANCE_METHOD}`,
  run: async ({ quick }) => {
    const cluster = await startCluster({ settings: DURABLE });
    try {
      const extent = extentOf(quick);
      const measurements: Measurement[] = [];
      for (const method of METHODS) {
        const database = await cluster.createDatabase(`tokens_${method}`);
        const client = await registerClient(database, method);
        measurements.push(...(await besideBare(database, client, method, extent)));
      }
      measurements.push(...(await twoInstances(cluster, extent)));
      return measurements;
    } finally {
      await cluster.close();
    }
  },
};

const withEnoughCores = (atLeast: number): Pick<Measurement, 'target'> =>
  availableParallelism() >= ENOUGH_CORES ? { target: { atLeast } } : {};

async function besideBare(
  database: string,
  client: RegisteredClient,
  method: Method,
  extent: Extent,
): Promise<readonly Measurement[]> {
  const bare = `oidc-provider, ${method}`;
  const ours = `mcp-m2m, ${method}`;
  const next = () => makeTokenRequest(client);
  const figures = await compareIssuance(extent, async (stack) => [
    { name: bare, server: stack.use(await startBare([client])), next },
    { name: ours, server: stack.use(await startOurs(database)), next },
  ]);
  return [
    ...describeFigures(figures, bare),
    ...describeFigures(figures, ours),
    ...describeRatios(figures, ours, bare, withEnoughCores(0.6)),
  ];
}

/** One instance, and two with half of the requests each, in turn. */
async function twoInstances(cluster: Cluster, extent: Extent): Promise<readonly Measurement[]> {
  const { turns, requestsEach, warmUpRequests } = extent;
  const database = await cluster.createDatabase('instances');
  const client = await registerClient(database, 'secret');
  const next = () => makeTokenRequest(client);
  using first = await startOurs(database);
  using second = await startOurs(database);
  const load = { next, prepared: false, requests: warmUpRequests };
  await Promise.all([loadServer(first, load), loadServer(second, load)]);
  const alone: number[] = [];
  const together: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const whole = await loadServer(first, { next, requests: requestsEach });
    alone.push(whole.rate);
    const half = { next, requests: Math.ceil(requestsEach / 2), connections: 16 };
    const halves = await Promise.all([loadServer(first, half), loadServer(second, half)]);
    together.push(halves.reduce((sum, { rate }) => sum + rate, 0));
  }
  return [
    { name: 'one instance, secret', value: Math.round(median(alone)), unit: 'tokens/s' },
    { name: 'two instances, secret', value: Math.round(median(together)), unit: 'tokens/s' },
    {
      name: 'two instances over one, as measured',
      value: medianRatio(together, alone),
      unit: 'ratio',
      ...withEnoughCores(1.6),
    },
  ];
}
