import { createResourceServer, type ResourceServer } from '@mcp-m2m/core/server';
import { createTestAuthority } from '@mcp-m2m/testing';
import type { Suite } from '../measurement.ts';
import { percentile } from '../statistics.ts';

const AUDIENCE = 'https://mcp.example.com/mcp';
const RANDOM_TOKENS = 1_000_000;
const BATCH = 1000;
const GOOD_CALLS_PER_BATCH = 20;

/** What an attacker with nothing but random tokens can do to memory and to others' latency. */
export const randomTokens: Suite = {
  name: 'A million distinct random tokens',
  description:
    'Tokens with random claims and a random signature, refused one by one, with calls of a good token between them.',
  run: async () => {
    await using authority = await createTestAuthority({ audience: AUDIENCE });
    const server = createResourceServer({ resource: AUDIENCE, authorizationServers: [authority.issuer] });
    const good = authority.mint();
    const header = good.slice(0, good.indexOf('.'));
    await callGood(server, good, 2000);
    const before = await callGood(server, good, 20_000);
    const memoryBefore = residentBytes();
    const during: number[] = [];
    for (let sent = 0; sent < RANDOM_TOKENS; sent += BATCH) {
      await Promise.all(
        Array.from({ length: BATCH }, (_, index) =>
          callOnce(server, randomToken(header, authority.issuer, sent + index)),
        ),
      );
      during.push(...(await callGood(server, good, GOOD_CALLS_PER_BATCH)));
    }
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
