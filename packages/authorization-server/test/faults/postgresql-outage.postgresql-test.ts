import { startCluster, type Cluster } from 'local-postgresql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  claimsFor,
  registerWithKey,
  requestWithAssertion,
  signAssertion,
  type SigningClient,
} from '../assertion.ts';
import {
  basic,
  GRANT,
  lastReason,
  registerWithSecret,
  requestToken,
  startServer,
  type RunningServer,
} from '../running-server.ts';

describe('a PostgreSQL database that goes away', () => {
  let cluster: Cluster;
  let running: RunningServer;
  let secret: string;
  let signer: SigningClient;
  beforeAll(async () => {
    cluster = await startCluster();
    running = await startServer({ database: cluster.url() });
    secret = await registerWithSecret(running, 'nightly');
    signer = await registerWithKey(running, 'signer');
  });
  afterAll(async () => {
    await running.stop();
    await cluster.close();
  });

  const bySecret = async () => await requestToken(running, GRANT, basic('nightly', secret));
  const byAssertion = async () =>
    await requestWithAssertion(running, await signAssertion(signer.privateKey, claimsFor(signer, running)));

  it.each(['stop', 'kill'] as const)(
    'by a %s is answered 503, to be tried again; tokens are issued within five seconds of its return',
    async (end) => {
      expect([(await bySecret()).status, (await byAssertion()).status]).toEqual([200, 200]);
      const over = new AbortController();
      const load = Array.from({ length: 8 }, async (_, i) => {
        const statuses = [];
        while (!over.signal.aborted) statuses.push((await (i % 2 === 0 ? bySecret() : byAssertion())).status);
        return statuses;
      });
      await cluster[end]();
      for (const request of [bySecret, byAssertion]) {
        const answer = await request();
        expect([answer.status, answer.body['error']]).toEqual([503, 'temporarily_unavailable']);
        expect(answer.headers.get('retry-after')).toBe('5');
        expect(lastReason(running)).toBe('store_unavailable');
      }
      await cluster.start();
      const statusesOf = async () => [(await bySecret()).status, (await byAssertion()).status];
      await expect.poll(statusesOf, { timeout: 5000 }).toEqual([200, 200]);
      over.abort();
      const statuses = new Set((await Promise.all(load)).flat());
      expect(statuses).toEqual(new Set([200, 503]));
    },
  );

  it('and what was used before is used still', async () => {
    const assertion = await signAssertion(signer.privateKey, claimsFor(signer, running));
    expect((await requestWithAssertion(running, assertion)).status).toBe(200);
    await cluster.kill();
    await cluster.start();
    await expect.poll(async () => (await bySecret()).status, { timeout: 5000 }).toBe(200);
    expect((await requestWithAssertion(running, assertion)).status).toBe(401);
    expect(lastReason(running)).toBe('assertion_replayed');
  });
});
