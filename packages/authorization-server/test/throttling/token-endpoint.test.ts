import { generateKeyPairSync } from 'node:crypto';

import { afterEach, describe, expect, it } from 'vitest';

import { claimsFor, registerWithKey, requestWithAssertion, seconds, signAssertion } from '../assertion.ts';
import {
  basic,
  GRANT,
  lastReason,
  post,
  registerWithSecret,
  requestToken,
  startServer,
  type Answer,
  type RunningServer,
  type RunningServerOptions,
} from '../running-server.ts';

const RULES = { failuresPerClient: 3, failuresPerAddress: 8, windowSeconds: 60, blockSeconds: 30 };
const from = (address: string) => ({ 'x-forwarded-for': address });
const HERE = from('192.0.2.1');
const ELSEWHERE = from('198.51.100.7');

describe('the token endpoint', () => {
  let running: RunningServer;
  let time: number;
  afterEach(async () => await running.stop());

  async function start(options: RunningServerOptions = {}): Promise<string> {
    time = Date.now();
    running = await startServer({
      throttling: RULES,
      trustedProxies: ['loopback'],
      now: () => time,
      ...options,
    });
    return await registerWithSecret(running, 'nightly');
  }

  async function guess(clientId: string, where = HERE): Promise<Answer> {
    return await requestToken(running, GRANT, { ...basic(clientId, 'a wrong guess'), ...where });
  }

  it('AS7: slows whoever guesses a secret, and says for how long', async () => {
    const secret = await start();
    for (let attempt = 0; attempt < 3; attempt++) expect((await guess('nightly')).status).toBe(401);
    const answer = await guess('nightly');
    expect([answer.status, answer.body['error']]).toEqual([429, 'temporarily_unavailable']);
    expect(answer.body['error_description']).toContain('try again in 30 seconds');
    expect(answer.headers.get('retry-after')).toBe('30');
    expect(answer.headers.get('www-authenticate')).toBeNull();
    expect(running.events.at(-1)).toMatchObject({
      type: 'token_refused',
      reason: 'throttled',
      status: 429,
      clientId: 'nightly',
      remoteAddress: '192.0.2.1',
    });
    // Not even with the right secret: whether it is right is not looked at.
    expect((await requestToken(running, GRANT, { ...basic('nightly', secret), ...HERE })).status).toBe(429);
    time += 30_000;
    expect((await requestToken(running, GRANT, { ...basic('nightly', secret), ...HERE })).status).toBe(200);
  });

  it('AS7: never slows the client itself, elsewhere', async () => {
    const secret = await start();
    for (let attempt = 0; attempt < 10; attempt++) await guess('nightly');
    const answer = await requestToken(running, GRANT, { ...basic('nightly', secret), ...ELSEWHERE });
    expect(answer.status).toBe(200);
  });

  it('AS7, A6: answers and counts guesses for an unknown client like those for a known one', async () => {
    await start();
    const sequences = [];
    for (const clientId of ['nightly', 'unknown']) {
      const answers = [];
      for (let attempt = 0; attempt < 5; attempt++) {
        const { status, headers, text } = await guess(clientId, from(`192.0.2.${sequences.length}`));
        answers.push([status, [...headers].filter(([name]) => name !== 'date'), text]);
      }
      sequences.push(answers);
    }
    expect(sequences[0]?.map(([status]) => status)).toEqual([401, 401, 401, 429, 429]);
    expect(sequences[1]).toEqual(sequences[0]);
  });

  it('AS7: slows an address that tries many clients, other than those that got a token from there', async () => {
    const secret = await start();
    await registerWithSecret(running, 'weekly');
    const ask = async () => await requestToken(running, GRANT, { ...basic('nightly', secret), ...HERE });
    expect((await ask()).status).toBe(200);
    for (let client = 0; client < 8; client++) expect((await guess(`guess-${client}`)).status).toBe(401);
    const answer = await guess('weekly');
    expect(answer.status).toBe(429);
    expect(running.events.at(-1)).toMatchObject({ reason: 'throttled', clientId: undefined });
    expect((await guess('weekly', ELSEWHERE)).status).toBe(401);
    expect((await ask()).status).toBe(200);
  });

  it('AS7: lets no more than the allowed guesses of a crowd be told that they were wrong', async () => {
    await start({ throttling: { ...RULES, failuresPerAddress: 100 } });
    const answers = await Promise.all(Array.from({ length: 20 }, async () => await guess('nightly')));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(17);
    for (const { headers } of answers.filter(({ status }) => status === 429)) {
      expect(headers.get('retry-after')).toBe('30');
    }
  });

  it('AS7: slows whoever signs assertions with another key, and not a client whose clock is wrong', async () => {
    await start();
    const client = await registerWithKey(running, 'signer');
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const ask = async (key: typeof other, changes = {}, where = HERE) =>
      (
        await requestWithAssertion(
          running,
          await signAssertion(key, claimsFor(client, running, changes)),
          {},
          where,
        )
      ).status;
    const late = { iat: seconds() - 600, exp: seconds() - 500 };
    for (let attempt = 0; attempt < 5; attempt++) {
      expect(await ask(client.privateKey, late, ELSEWHERE)).toBe(401);
      expect(lastReason(running)).toBe('assertion_expired');
    }
    for (let attempt = 0; attempt < 3; attempt++) expect(await ask(other)).toBe(401);
    expect(await ask(other)).toBe(429);
    expect(await ask(client.privateKey)).toBe(429);
    expect(await ask(client.privateKey, {}, ELSEWHERE)).toBe(200);
  });

  it('AS7: counts guesses at the other endpoints, too, and refuses them there', async () => {
    await start();
    const metadata = await fetch(`${running.issuer}/.well-known/oauth-authorization-server`);
    const { introspection_endpoint: endpoint } = (await metadata.json()) as Record<string, string>;
    const ask = async () =>
      await post(endpoint as string, new URLSearchParams({ token: 'x' }), {
        ...basic('nightly', 'x'),
        ...HERE,
      });
    for (let attempt = 0; attempt < 3; attempt++) expect((await ask()).status).toBe(401);
    const answer = await ask();
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '30']);
    expect((await guess('nightly')).status).toBe(429);
  });

  it('is not held up by a clock that jumps', async () => {
    const secret = await start();
    for (let attempt = 0; attempt < 4; attempt++) await guess('nightly');
    time -= 365 * 86_400_000;
    expect((await requestToken(running, GRANT, { ...basic('nightly', secret), ...HERE })).status).toBe(200);
  });

  it('takes the address of the proxy for everybody’s where it is not trusted, and says so once', async () => {
    await start({ trustedProxies: [] });
    for (let attempt = 0; attempt < 3; attempt++) await guess('nightly');
    expect((await guess('nightly', ELSEWHERE)).status).toBe(429);
    expect(running.events.filter(({ type }) => type === 'proxy_not_trusted')).toEqual([
      { type: 'proxy_not_trusted', remoteAddress: '127.0.0.1', at: time },
    ]);
  });

  it('slows nobody where that is switched off, and says so at the start', async () => {
    running = await startServer({ dangerouslyDisableThrottling: true });
    expect(running.events[0]).toMatchObject({
      type: 'dangerous_option',
      option: 'dangerouslyDisableThrottling',
    });
    for (let attempt = 0; attempt < 12; attempt++) expect((await guess('nightly')).status).toBe(401);
  });
});
