import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createTestDatabase, type TestDatabase } from '../databases.ts';
import { basic, GRANT, post, requestToken, startServer, type RunningServer } from '../running-server.ts';
import { startResourceServer } from './resource-server.ts';
import { placeOf, registerClient, registerResourceServer, type TestedClient } from './tokens-of-clients.ts';

const ISSUER = 'https://auth.example.com';

let now: number;
let database: TestDatabase;
let instances: [RunningServer, RunningServer];
beforeEach(async () => {
  now = Date.now();
  database = await createTestDatabase();
  const options = { database: database.location, issuer: ISSUER, now: () => now };
  instances = [await startServer(options), await startServer(options)];
});
afterEach(async () => {
  await Promise.all(instances.map(async (instance) => await instance.stop()));
  await database.remove();
});

async function request({ origin }: RunningServer, { headers }: TestedClient) {
  return await requestToken({ issuer: origin }, GRANT, headers);
}

async function tokenFrom(instance: RunningServer, client: TestedClient): Promise<string> {
  const answer = await request(instance, client);
  if (answer.status !== 200) throw new Error(answer.text);
  return String(answer.body['access_token']);
}

describe('two instances on one PostgreSQL database', () => {
  it('rotate a key once, under load, and refuse no token', async () => {
    const client = await registerClient(instances[0]);
    const [before] = await instances[0].server.signingKeys.list();
    now += 3_600_000;
    await instances[0].server.signingKeys.rotate();
    const tokens: string[] = [];
    for (let round = 0; round < 12; round++) {
      now += 1000;
      const requests = Array.from({ length: 10 }, async (_, i) =>
        tokenFrom(instances[i % 2] as RunningServer, client),
      );
      tokens.push(...(await Promise.all(requests)));
      for (const { origin } of instances) {
        const keys = createRemoteJWKSet(new URL(`${origin}/jwks`));
        for (const token of tokens) await jwtVerify(token, keys, { currentDate: new Date(now) });
      }
    }
    const keyIds = new Set(tokens.slice(-10).map((token) => decodeProtectedHeader(token).kid));
    expect([keyIds.size, keyIds.has(before?.keyId)]).toEqual([1, false]);
    const acts = instances.flatMap(({ events }) =>
      events.filter(({ type }) => type === 'signing_key_activated'),
    );
    expect(acts).toHaveLength(1);
  });

  it('give no index twice, and publish each other’s revocations at once', async () => {
    const [client, own] = [await registerClient(instances[0]), await registerResourceServer(instances[0])];
    const tokens = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => await tokenFrom(instances[i % 2] as RunningServer, client)),
    );
    expect(new Set(tokens.map((token) => JSON.stringify(placeOf(token)))).size).toBe(200);
    const fetches = instances.map(({ origin }) =>
      startResourceServer(
        { issuer: ISSUER },
        {
          now: () => now,
          fetch: async (url, init) => await fetch(url.replace(ISSUER, origin), init),
        },
      ),
    );
    for (const server of fetches) expect(await server.judge(tokens[0] as string)).toBe(200);
    await instances[0].server.tokens.revoke({ tokenId: String(decodeJwt(tokens[0] as string).jti) });
    now += 60_000;
    for (const server of fetches) {
      expect([await server.judge(tokens[0] as string), await server.judge(tokens[1] as string)]).toEqual([
        401, 200,
      ]);
    }
    await instances[1].server.clients.disable(client.clientId);
    for (const instance of instances) {
      const form = new URLSearchParams({ token: tokens[1] as string });
      const answer = await post(`${instance.origin}/introspect`, form, basic(own.clientId, own.secret));
      expect(answer.body).toEqual({ active: false });
    }
    now += 60_000;
    for (const server of fetches) expect(await server.judge(tokens[1] as string)).toBe(401);
  });

  it('let no token of a client escape that is disabled while it asks both', async () => {
    const own = await registerResourceServer(instances[0]);
    for (let round = 0; round < 8; round++) {
      const client = await registerClient(instances[0]);
      const requests = Array.from({ length: 20 }, async (_, i) => {
        for (let turn = 0; turn < (round + i) % 4; turn++)
          await new Promise((resolve) => setImmediate(resolve));
        return await request(instances[i % 2] as RunningServer, client);
      });
      const disabled = instances[round % 2]?.server.clients.disable(client.clientId);
      const answers = await Promise.all(requests);
      await disabled;
      for (const { body } of answers) {
        const token = body['access_token'];
        if (typeof token !== 'string') continue;
        const { uri, idx } = placeOf(token);
        const list = await fetch(uri.replace(ISSUER, instances[1].origin));
        expect(await isRevoked(await list.text(), idx)).toBe(true);
        const form = new URLSearchParams({ token });
        const answer = await post(`${instances[0].origin}/introspect`, form, own.headers);
        expect(answer.body).toEqual({ active: false });
      }
    }
  });
});

async function isRevoked(list: string, index: number): Promise<boolean> {
  const { status_list: packed } = decodeJwt<{ status_list: { lst: string } }>(list);
  const stream = new Blob([Buffer.from(packed.lst, 'base64url')]).stream();
  const bytes = new Uint8Array(
    await new Response(stream.pipeThrough(new DecompressionStream('deflate'))).arrayBuffer(),
  );
  return (((bytes[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;
}
