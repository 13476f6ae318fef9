import { Agent, request } from 'node:http';
import { createTestAuthority } from '@mcp-m2m/testing';
import type { Suite } from '../measurement.ts';
import { startServer, type ServerProcess } from '../server-process.ts';
import { percentile } from '../statistics.ts';

const AUDIENCE = 'https://mcp.example.com/mcp';
const RANDOM_TOKENS = 1_000_000;
const WARM_UP_TOKENS = 100_000;
const CALM_REQUESTS = 200_000;
const CONNECTIONS = 32;
const BODY = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';

/** What an attacker with nothing but random tokens can do to a server's memory, and to who has a good token. */
export const randomTokens: Suite = {
  name: 'A million distinct random tokens',
  description: `To a protected Express app in a process of its own, over ${CONNECTIONS} connections as fast as it answers; one of them has a good token. Before that the others have it too.`,
  run: async () => {
    await using authority = await createTestAuthority({ audience: AUDIENCE, scope: 'deploy:read' });
    using server = await startServer('express-variants.ts', [
      'mcp-m2m',
      authority.issuer,
      authority.jwksUri,
      AUDIENCE,
    ]);
    const good = authority.mint({ exp: Math.floor(Date.now() / 1000) + 86_400 });
    const header = good.slice(0, good.indexOf('.'));
    let sent = 0;
    const storm = async (tokens: number): Promise<readonly number[]> => {
      const end = sent + tokens;
      return press(
        server,
        good,
        () => (sent < end ? randomToken(header, authority.issuer, ++sent) : undefined),
        401,
      );
    };
    // Code and heap take their working size first: what is asked is whether that grows with the number of tokens.
    await storm(WARM_UP_TOKENS);
    let calls = 0;
    const calm = await press(server, good, () => (calls++ < CALM_REQUESTS ? good : undefined), 200);
    const memoryBefore = await server.residentBytes();
    const during = await storm(RANDOM_TOKENS);
    const growth = ((await server.residentBytes()) - memoryBefore) / 1_048_576;
    return [
      { name: 'resident memory grows by', value: growth, unit: 'MiB', target: { atMost: 32 } },
      { name: 'good token among good ones, p99', value: percentile(calm, 0.99), unit: 'ms' },
      { name: 'good token among random ones, p99', value: percentile(during, 0.99), unit: 'ms' },
      {
        name: 'p99 among random ones over that among good ones',
        value: percentile(during, 0.99) / percentile(calm, 0.99),
        unit: 'ratio',
        target: { atMost: 2 },
      },
    ];
  },
};

/** Keeps all connections busy until no token is left; milliseconds of each call of the good one. */
async function press(
  { url }: ServerProcess,
  good: string,
  nextToken: () => string | undefined,
  expectedStatus: number,
): Promise<readonly number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const latencies: number[] = [];
  const state = { over: false };
  const others = Promise.all(
    Array.from({ length: CONNECTIONS - 1 }, async () => {
      for (let token = nextToken(); token !== undefined; token = nextToken()) {
        await call(agent, url, token, expectedStatus);
      }
    }),
  ).finally(() => (state.over = true));
  while (!state.over) {
    const startedAt = performance.now();
    await call(agent, url, good, 200);
    latencies.push(performance.now() - startedAt);
  }
  await others;
  agent.destroy();
  return latencies;
}

function call(agent: Agent, url: string, token: string, expectedStatus: number): Promise<void> {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-length': BODY.length,
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method: 'POST', headers }, (response) => {
      response.resume().once('end', resolve).once('error', reject);
      if (response.statusCode !== expectedStatus) reject(new Error(`status ${response.statusCode}`));
    });
    sent.once('error', reject).end(BODY);
  });
}

function randomToken(header: string, issuer: string, number: number): string {
  const claims = {
    iss: issuer,
    aud: AUDIENCE,
    sub: `s${number}`,
    client_id: 'x',
    iat: 1,
    exp: 9_999_999_999,
    jti: String(number),
  };
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  const signature = Buffer.from(crypto.getRandomValues(new Uint8Array(64))).toString('base64url');
  return `${header}.${payload}.${signature}`;
}
