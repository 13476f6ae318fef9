import { describe, expect, it } from 'vitest';
import { dpopFetch } from '../../../src/client/dpop/dpop-fetch.ts';
import { createDpop } from '../../../src/client/dpop/dpop-prover.ts';
import { startLoopbackServer } from '../../loopback-server.ts';
import { createScene, tokenForm, proofOf, nonceError, nonceChallenge } from './scene.ts';

describe('a demand for a nonce', () => {
  it('D28: is met once at the token endpoint; the second one is returned', async () => {
    const scene = await createScene();
    const { token } = scene.authority.endpoints;
    let issued = 0;
    token.answerWith(() => nonceError(`as-${++issued}`));
    const response = await scene.wrap()(scene.authority.tokenEndpoint, {
      method: 'POST',
      body: tokenForm(scene),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: 'use_dpop_nonce' });
    expect(token.requests).toHaveLength(2);
    expect(scene.prover.nonceFor(scene.authority.issuer, 'authorization_server')).toBe('as-2');
  });

  it('D28: is met once at the resource server; the second one is returned', async () => {
    let issued = 0;
    const server = await startLoopbackServer(() => nonceChallenge(`rs-${++issued}`));
    const wrapped = dpopFetch(createDpop());
    const response = await wrapped(server.origin, {
      method: 'POST',
      body: 'x',
      headers: { authorization: 'DPoP t' },
    });
    expect(response.status).toBe(401);
    expect(server.requests.map((request) => proofOf(request).nonce)).toEqual([undefined, 'rs-1']);
    expect(server.requests.map(({ body }) => body)).toEqual(['x', 'x']);
  });

  it.each<[string, Parameters<typeof startLoopbackServer>[0]]>([
    [
      'one without a nonce',
      () => ({ status: 401, headers: { 'www-authenticate': 'DPoP error="use_dpop_nonce"' } }),
    ],
    ['D26: one with an absurd nonce', () => nonceChallenge('a'.repeat(600))],
    [
      'one of another scheme',
      () => ({
        status: 401,
        headers: { 'dpop-nonce': 'n', 'www-authenticate': 'Bearer error="use_dpop_nonce"' },
      }),
    ],
    [
      'another error',
      () => ({
        status: 401,
        headers: { 'dpop-nonce': 'n', 'www-authenticate': 'DPoP error="invalid_token"' },
      }),
    ],
    ['one of another status', () => ({ ...nonceChallenge('n'), status: 403 })],
  ])('%s is not met', async (_, answer) => {
    const server = await startLoopbackServer(answer);
    await dpopFetch(createDpop())(server.origin, { headers: { authorization: 'DPoP t' } });
    expect(server.requests).toHaveLength(1);
  });

  it.each([200, 401])('is not met where a token endpoint makes it with status %i', async (status) => {
    const scene = await createScene();
    const { token } = scene.authority.endpoints;
    token.answerWith({ ...nonceError('as-1'), status });
    const body = tokenForm(scene);
    const response = await scene.wrap()(scene.authority.tokenEndpoint, { method: 'POST', body });
    expect([response.status, token.requests.length]).toEqual([status, 1]);
  });

  it('D28: is not met where it asks for the nonce that was sent', async () => {
    const server = await startLoopbackServer(() => nonceChallenge('the-same'));
    const wrapped = dpopFetch(createDpop());
    await wrapped(server.origin, { headers: { authorization: 'DPoP t' } });
    await wrapped(server.origin, { headers: { authorization: 'DPoP t' } });
    expect(server.requests).toHaveLength(3);
  });

  it('is returned where the body can be sent only once, and its nonce is used the next time', async () => {
    const server = await startLoopbackServer((request) =>
      proofOf(request).nonce === 'rs-1' ? { json: {} } : nonceChallenge('rs-1'),
    );
    const wrapped = dpopFetch(createDpop());
    const send = () => {
      const init = {
        method: 'POST',
        body: new Blob(['x']).stream(),
        duplex: 'half',
        headers: { authorization: 'DPoP t' },
      };
      return wrapped(server.origin, init as RequestInit);
    };
    expect((await send()).status).toBe(401);
    expect((await send()).status).toBe(200);
    const request = new Request(server.origin, {
      method: 'POST',
      body: 'x',
      headers: { authorization: 'DPoP t' },
    });
    expect((await wrapped(request)).status).toBe(200);
  });

  it('is heard on a success too', async () => {
    const server = await startLoopbackServer(() => ({ json: {}, headers: { 'dpop-nonce': 'rs-1' } }));
    const wrapped = dpopFetch(createDpop());
    for (let count = 0; count < 2; count++)
      await wrapped(server.origin, { headers: { authorization: 'DPoP t' } });
    expect(server.requests.map((request) => proofOf(request).nonce)).toEqual([undefined, 'rs-1']);
  });

  it('does not outlive the patience of the caller', async () => {
    const aborted = new AbortController();
    const server = await startLoopbackServer(() => {
      aborted.abort(new Error('enough'));
      return nonceChallenge('rs-1');
    });
    const init = { headers: { authorization: 'DPoP t' }, signal: aborted.signal };
    await expect(dpopFetch(createDpop())(server.origin, init)).rejects.toThrow('enough');
    expect(server.requests).toHaveLength(1);
  });
});
