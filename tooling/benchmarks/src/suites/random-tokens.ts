import { setImmediate } from 'node:timers/promises';
import { createResourceServer, type ResourceServer } from '@mcp-m2m/core/server';
import { createTestAuthority } from '@mcp-m2m/testing';
import type { Suite } from '../measurement.ts';
import { percentile } from '../statistics.ts';

const AUDIENCE = 'https://mcp.example.com/mcp';
const RANDOM_TOKENS = 1_000_000;
const WARM_UP_TOKENS = 100_000;
const BATCH = 100;
const GOOD_CALLS_PER_BATCH = 20;

/** What an attacker with nothing but random tokens can do to memory and to others' latency. */
export const randomTokens: Suite = {
  name: 'A million distinct random tokens',
  description:
    'Tokens with random claims and a random signature, after 100,000 to warm up, with calls of a good token between them.',
  run: async () => {
    await using authority = await createTestAuthority({ audience: AUDIENCE });
    const server = createResourceServer({ resource: AUDIENCE, authorizationServers: [authority.issuer] });
    const good = authority.mint();
    // The heap takes its working size first: what is asked is whether it grows with the number of tokens.
    await storm(server, good, authority.issuer, 0, WARM_UP_TOKENS);
    const before = await calm(server, good);
    const memoryBefore = residentBytes();
    const during = await storm(
      server,
      good,
      authority.issuer,
      WARM_UP_TOKENS,
      WARM_UP_TOKENS + RANDOM_TOKENS,
    );
    const growth = (residentBytes() - memoryBefore) / 1_048_576;
    return [
      { name: 'resident memory grows by', value: growth, unit: 'MiB', target: { atMost: 32 } },
      { name: 'good token, p99 before', value: percentile(before, 0.99), unit: 'µs' },
      { name: 'good token, p99 during', value: percentile(during, 0.99), unit: 'µs' },
      {
        name: 'p99 during over before',
        value: percentile(during, 0.99) / percentile(before, 0.99),
        unit: 'ratio',
        target: { atMost: 2 },
      },
    ];
  },
};

/** Sends random tokens, and returns what calls of the good one between them took, in microseconds. */
async function storm(
  server: ResourceServer,
  good: string,
  issuer: string,
  from: number,
  to: number,
): Promise<readonly number[]> {
  const header = good.slice(0, good.indexOf('.'));
  const costs: number[] = [];
  for (let sent = from; sent < to; sent += BATCH) {
    const tokens = Array.from({ length: BATCH }, (_, index) => randomToken(header, issuer, sent + index));
    await Promise.all(tokens.map((token) => callOnce(server, token)));
    costs.push(...(await callGood(server, good, GOOD_CALLS_PER_BATCH)));
  }
  return costs;
}

/** The same calls of the good token with nothing between them but a turn of the event loop. */
async function calm(server: ResourceServer, good: string): Promise<readonly number[]> {
  const costs: number[] = [];
  for (let round = 0; round < RANDOM_TOKENS / BATCH; round++) {
    await setImmediate();
    costs.push(...(await callGood(server, good, GOOD_CALLS_PER_BATCH)));
  }
  return costs;
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

async function callOnce(server: ResourceServer, token: string): Promise<boolean> {
  const headers = { authorization: [`Bearer ${token}`] };
  return (await server.authenticate({ method: 'POST', url: '/mcp', headers })).ok;
}

/** Microseconds of each call. */
async function callGood(server: ResourceServer, token: string, calls: number): Promise<readonly number[]> {
  const costs: number[] = [];
  for (let call = 0; call < calls; call++) {
    const startedAt = performance.now();
    if (!(await callOnce(server, token))) throw new Error('a good token was refused');
    costs.push((performance.now() - startedAt) * 1000);
  }
  return costs;
}

function residentBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}
