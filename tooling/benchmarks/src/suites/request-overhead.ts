import {
  authorizedFetch,
  clientSecretBasic,
  createTokenSource,
  createTokenSources,
} from '@mcp-m2m/core/client';
import { createTestAuthority } from '@mcp-m2m/testing';
import { ClientCredentialsProvider, withOAuth } from '@modelcontextprotocol/client';
import type { Measurement, Suite } from '../measurement.ts';
import { randomOrder } from '../random-order.ts';
import { startServer } from '../server-process.ts';
import { median, medianRatio } from '../statistics.ts';

const CLIENT_ID = 'nightly-report';
const CLIENT_SECRET = 'a-secret-without-anything-special';
const SOURCES = 100;
const REQUESTS = 25;
const WARM_UP_ROUNDS = 120;
const ROUNDS = 1200;
const BODY = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'list_deployments', arguments: {} },
});

/** What a fetch that finds the token itself adds to one that is handed it. */
export const requestOverhead: Suite = {
  name: 'Client: what authorizedFetch adds to a request',
  description: `${ROUNDS} rounds of ${REQUESTS} requests each in random order, one at a time, as the SDK's transport sends them, to a server in another process; the header is put in by hand for the bare fetch. Ratios are medians of the rounds'. Processor time is that of the client's process.`,
  run: async () => {
    await using authority = await createTestAuthority({ accessTokenLifetimeSeconds: 3600 });
    authority.registerClient({ clientId: CLIENT_ID, secret: CLIENT_SECRET });
    using server = await startServer('protected-resource.ts', [authority.issuer]);
    const options = {
      issuer: authority.issuer,
      clientId: CLIENT_ID,
      authentication: clientSecretBasic({ clientSecret: CLIENT_SECRET }),
    };
    const tokens = createTokenSource({ ...options, resource: server.url });
    const sources = createTokenSources(options);
    for (let tenant = 1; tenant < SOURCES; tenant++) sources.sourceFor(`${server.url}-${tenant}`);
    sources.sourceFor(server.url);
    const { accessToken } = await tokens.getToken();
    const official = new ClientCredentialsProvider({
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      expectedIssuer: authority.issuer,
    });
    return await measure(server.url, [
      { name: 'bare fetch', fetch, authorization: `Bearer ${accessToken}` },
      { name: 'authorizedFetch', fetch: authorizedFetch(tokens), atMost: 1.03 },
      { name: `authorizedFetch of ${SOURCES} sources on one origin`, fetch: authorizedFetch(sources) },
      { name: "the official client's withOAuth", fetch: withOAuth(official, server.url)(fetch) },
    ]);
  },
};

interface Sender {
  readonly name: string;
  readonly fetch: (url: URL, init: RequestInit) => Promise<Response>;
  /** What its caller puts in by hand. */
  readonly authorization?: string;
  /** The target of its ratio over the bare fetch. */
  readonly atMost?: number;
}

interface Round {
  /** Microseconds for a request. */
  readonly time: number;
  /** Microseconds of processor time for a request. */
  readonly cost: number;
}

async function measure(url: string, senders: readonly Sender[]): Promise<readonly Measurement[]> {
  const rounds = senders.map((): Round[] => []);
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    for (const index of randomOrder(senders.length)) {
      const sender = senders[index];
      if (sender === undefined) continue;
      const measured = await send(new URL(url), sender);
      if (round >= 0) rounds[index]?.push(measured);
    }
  }
  const times = rounds.map((of) => of.map(({ time }) => time));
  const costs = rounds.map((of) => of.map(({ cost }) => cost));
  const [bareTimes = [], ...otherTimes] = times;
  const [bareCosts = [], ...otherCosts] = costs;
  const measurements: Measurement[] = senders.flatMap(({ name }, index) => [
    { name, value: median(times[index] ?? []), unit: 'µs/request' },
    { name: `${name}, processor time`, value: median(costs[index] ?? []), unit: 'µs/request' },
  ]);
  for (const [index, { name, atMost }] of senders.slice(1).entries()) {
    const target = atMost === undefined ? {} : { target: { atMost } };
    measurements.push(
      {
        name: `${name} over bare fetch`,
        value: medianRatio(otherTimes[index] ?? [], bareTimes),
        unit: 'ratio',
        ...target,
      },
      {
        name: `${name} over bare fetch, processor time`,
        value: medianRatio(otherCosts[index] ?? [], bareCosts),
        unit: 'ratio',
      },
    );
  }
  return measurements;
}

async function send(url: URL, { fetch, authorization }: Sender): Promise<Round> {
  const { signal } = new AbortController();
  const before = process.cpuUsage();
  const startedAt = performance.now();
  for (let request = 0; request < REQUESTS; request++) {
    const headers = new Headers();
    if (authorization !== undefined) headers.set('authorization', authorization);
    headers.set('mcp-protocol-version', '2025-11-25');
    headers.set('content-type', 'application/json');
    headers.set('accept', 'application/json, text/event-stream');
    const response = await fetch(url, { method: 'POST', headers, body: BODY, signal });
    if (!response.ok) throw new Error(`${url.href}: ${response.status}`);
    await response.text();
  }
  const time = ((performance.now() - startedAt) / REQUESTS) * 1000;
  const { user, system } = process.cpuUsage(before);
  return { time, cost: (user + system) / REQUESTS };
}
