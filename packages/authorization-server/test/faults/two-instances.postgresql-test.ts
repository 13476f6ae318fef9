import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import {
  claimsFor,
  registerWithKey,
  requestWithAssertion,
  signAssertion,
  type SigningClient,
} from '../assertion.ts';
import { createTestDatabase, type TestDatabase } from '../databases.ts';
import {
  basic,
  GRANT,
  post,
  registerWithSecret,
  requestToken,
  startServer,
  type Answer,
  type RunningServer,
} from '../running-server.ts';
import { forkServingProcess, killServingProcesses } from './serving-processes.ts';

const ISSUER = 'https://auth.example.com';

describe('two instances on one PostgreSQL database', () => {
  let database: TestDatabase;
  let first: RunningServer;
  let signer: SigningClient;
  beforeEach(async () => {
    database = await createTestDatabase();
    first = await startServer({ database: database.location, issuer: ISSUER });
    signer = await registerWithKey(first, 'signer');
  });
  afterEach(async () => {
    killServingProcesses();
    await first.stop();
    await database.remove();
  });

  const sign = async () => await signAssertion(signer.privateKey, claimsFor(signer, { issuer: ISSUER }));

  it('A15: give one token for fifty identical assertions in parallel', async () => {
    const second = await startServer({ database: database.location, issuer: ISSUER });
    for (let round = 0; round < 5; round++) {
      const assertion = await sign();
      const answers = await Promise.all(
        Array.from({ length: 50 }, async (_, i) => {
          const { origin } = i % 2 === 0 ? first : second;
          return await requestWithAssertion({ issuer: origin }, assertion);
        }),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 401)).toHaveLength(49);
    }
    await second.stop();
  });

  it('started at once on an empty database publish the same keys, and each takes the clients of the other', async () => {
    const empty = await createTestDatabase();
    const options = { database: empty.location, issuer: ISSUER };
    const instances = await Promise.all([startServer(options), startServer(options), startServer(options)]);
    const keys = await Promise.all(
      instances.map(async ({ origin }) => await (await fetch(`${origin}/jwks`)).text()),
    );
    expect(new Set(keys).size).toBe(1);
    const [one, other] = instances;
    const secret = await registerWithSecret(one, 'nightly');
    expect((await requestToken({ issuer: other.origin }, GRANT, basic('nightly', secret))).status).toBe(200);
    await one.server.clients.delete('nightly');
    expect((await requestToken({ issuer: other.origin }, GRANT, basic('nightly', secret))).status).toBe(401);
    for (const instance of instances) await instance.stop();
    await empty.remove();
  });

  it('one of them killed under load: no client sees an error that a single retry does not heal', async () => {
    const secret = await registerWithSecret(first, 'nightly');
    const doomed = forkServingProcess(database.location, ISSUER);
    const surviving = forkServingProcess(database.location, ISSUER);
    const origins = [await doomed.serve(), await surviving.serve()].map(String);
    let tries = 0;
    let retried = 0;
    const unhealed: (number | undefined)[] = [];
    // What a load balancer and a client do: another instance, once.
    const attempt = async (request: (origin: string) => Promise<Answer>) => {
      const start = tries++;
      const send = async (origin = '') => (await request(origin).catch(() => undefined))?.status;
      if ((await send(origins[start % 2])) === 200) return;
      retried++;
      const status = await send(origins[(start + 1) % 2]);
      if (status !== 200) unhealed.push(status);
    };
    const load = new AbortController();
    const workers = Array.from({ length: 8 }, async (_, worker) => {
      for (let i = 0; !load.signal.aborted; i++) {
        if (worker === 0) await attempt(async (origin) => await post(`${origin}/create`, `c-${tries}-${i}`));
        else if (worker < 4) {
          await attempt(async (issuer) => await requestToken({ issuer }, GRANT, basic('nightly', secret)));
        } else await attempt(async (issuer) => await requestWithAssertion({ issuer }, await sign()));
      }
    });
    await sleep(500);
    await doomed.kill();
    await sleep(1000);
    load.abort();
    await Promise.all(workers);
    expect(unhealed).toEqual([]);
    expect(retried).toBeGreaterThan(0);
    expect(tries).toBeGreaterThan(retried);
  });
});
