import { decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

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

const DAY = 86_400_000;

describe('a clock that jumps', () => {
  let running: RunningServer;
  let signer: SigningClient;
  let secret: string;
  let jump: number;
  beforeEach(async () => {
    jump = 0;
    running = await startServer({ now: () => Date.now() + jump });
    signer = await registerWithKey(running, 'signer');
    secret = await registerWithSecret(running, 'nightly');
  });
  afterEach(async () => await running.stop());

  const sign = async () => {
    const now = Math.floor((Date.now() + jump) / 1000);
    const claims = claimsFor(signer, running, { iat: now, exp: Math.floor(Date.now() / 1000) + 60 });
    return await signAssertion(signer.privateKey, claims);
  };

  it.each([
    ['ahead by a day', DAY],
    ['back by a day', -DAY],
  ])('%s gives tokens whose times are those of the clock', async (_name, by) => {
    for (jump of [0, by, 0]) {
      const before = Math.floor((Date.now() + jump) / 1000);
      const answer = await requestToken(running, GRANT, basic('nightly', secret));
      expect([answer.status, answer.body['expires_in']]).toEqual([200, 300]);
      const { iat = 0, exp = 0 } = decodeJwt(String(answer.body['access_token']));
      expect(exp - iat).toBe(300);
      expect(iat).toBeGreaterThanOrEqual(before);
      expect(iat).toBeLessThanOrEqual(Math.floor((Date.now() + jump) / 1000));
    }
  });

  it('A15, A19: ahead by a day refuses every assertion, and after its return a used one still', async () => {
    const used = await sign();
    expect((await requestWithAssertion(running, used)).status).toBe(200);
    jump = DAY;
    const stale = await sign();
    expect((await requestWithAssertion(running, stale)).status).toBe(401);
    expect(lastReason(running)).toBe('assertion_expired');
    // Enough requests that expired ones are looked for.
    for (let i = 0; i < 70; i++) await requestWithAssertion(running, await sign());
    jump = 0;
    expect((await requestWithAssertion(running, used)).status).toBe(401);
    expect(lastReason(running)).toBe('assertion_replayed');
    expect((await requestWithAssertion(running, await sign())).status).toBe(200);
  });

  it('A15: back by a minute refuses a used assertion, and takes a new one', async () => {
    const used = await sign();
    expect((await requestWithAssertion(running, used)).status).toBe(200);
    jump = -60_000;
    expect((await requestWithAssertion(running, used)).status).toBe(401);
    for (let i = 0; i < 70; i++) expect((await requestWithAssertion(running, await sign())).status).toBe(200);
    jump = 0;
    expect((await requestWithAssertion(running, used)).status).toBe(401);
  });
});
