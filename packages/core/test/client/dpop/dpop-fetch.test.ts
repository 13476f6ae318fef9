import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { dpopFetch, type DpopFetch } from '../../../src/client/dpop/dpop-fetch.ts';
import { createDpop } from '../../../src/client/dpop/dpop-prover.ts';
import { startLoopbackServer, type ReceivedRequest } from '../../loopback-server.ts';
import {
  call,
  createScene,
  obtainToken,
  tokenForm,
  proofOf,
  tokenAnswer,
  nonceError,
  nonceChallenge,
  FORM_HEADERS,
} from './scene.ts';

describe('a flow inside dpopFetch', () => {
  it('gets a token bound to the key, and calls the resource server with it', async () => {
    const scene = await createScene({ required: true });
    const wrapped = scene.wrap();
    const token = await obtainToken(scene, wrapped);
    expect(decodeJwt(token).cnf).toEqual({ jkt: await scene.prover.thumbprint() });
    for (const method of ['POST', 'DELETE', 'POST']) {
      const response = await call(scene, wrapped, token, method === 'POST' ? {} : { method, body: null });
      expect(response.status).toBe(200);
    }
    const [tokenRequest, ...calls] = scene.sent;
    expect(proofOf(tokenRequest as Request)).not.toHaveProperty('ath');
    expect(calls.map(({ headers }) => headers.get('authorization'))).toEqual(Array(3).fill(`DPoP ${token}`));
    expect(new Set(scene.sent.map((request) => proofOf(request).jti)).size).toBe(4);
    expect(scene.decisions.map(({ outcome }) => outcome)).toEqual(Array(3).fill('allowed'));
  });

  it('gets one at a token endpoint that demands a nonce, and asks no second time what it was told', async () => {
    const scene = await createScene();
    const { token } = scene.authority.endpoints;
    token.answerWith(nonceError('as-1'), { times: 1 });
    const wrapped = scene.wrap();
    await obtainToken(scene, wrapped);
    await obtainToken(scene, wrapped);
    expect(token.requests.map((request) => proofOf(request as never).nonce)).toEqual([
      undefined,
      'as-1',
      'as-1',
    ]);
    expect(new Set(token.requests.map(({ body }) => body)).size).toBe(1);
  });

  it('calls a resource server that demands nonces, with one challenge for each nonce', async () => {
    const scene = await createScene({ required: true, nonce: { lifetimeSeconds: 60 } });
    const wrapped = scene.wrap();
    // Amid a period of the nonces, so that none ends in between by itself.
    scene.authority.advanceSeconds(90 - ((scene.authority.now() / 1000) % 60));
    const token = await obtainToken(scene, wrapped);
    const reasons = () => scene.decisions.splice(0).map(({ reason }) => reason ?? 'allowed');
    expect((await call(scene, wrapped, token)).status).toBe(200);
    expect((await call(scene, wrapped, token)).status).toBe(200);
    expect(reasons()).toEqual(['proof_nonce_required', 'allowed', 'allowed']);
    // The answer to the last proof with an old nonce brings the new one.
    scene.authority.advanceSeconds(60);
    await call(scene, wrapped, token);
    scene.authority.advanceSeconds(60);
    await call(scene, wrapped, token);
    expect(reasons()).toEqual(['allowed', 'allowed']);
    scene.authority.advanceSeconds(120);
    await call(scene, wrapped, token);
    expect(reasons()).toEqual(['proof_nonce_required', 'allowed']);
  });

  it('is served 50 at a time, each with its own proof', async () => {
    const scene = await createScene({ required: true, nonce: true });
    const wrapped = scene.wrap();
    const token = await obtainToken(scene, wrapped);
    const answers = await Promise.all(Array.from({ length: 50 }, () => call(scene, wrapped, token)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(scene.sent.map((request) => proofOf(request).jti)).size).toBe(scene.sent.length);
  });

  it('keeps the nonces of one origin apart by what it is asked for', async () => {
    const server = await startLoopbackServer(({ url, headers }) => {
      const expected = url === '/token' ? 'for-tokens' : 'for-calls';
      if (proofOf({ headers: new Headers({ dpop: String(headers.dpop) }) }).nonce === expected)
        return url === '/token' ? tokenAnswer('DPoP') : { json: {} };
      return url === '/token' ? nonceError(expected) : nonceChallenge(expected);
    });
    const wrapped = dpopFetch(createDpop());
    const round = async () => {
      await wrapped(`${server.origin}/token`, {
        method: 'POST',
        body: 'grant_type=x',
        headers: FORM_HEADERS,
      });
      const headers = { authorization: 'Bearer an-access-token' };
      expect((await wrapped(`${server.origin}/mcp`, { headers })).status).toBe(200);
    };
    await round();
    await round();
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/token',
      '/token',
      '/mcp',
      '/mcp',
      '/token',
      '/mcp',
    ]);
  });

  it.each<[string, (url: string, form: URLSearchParams) => Parameters<DpopFetch>]>([
    ['parameters', (url, body) => [url, { method: 'POST', body }]],
    ['a text', (url, body) => [new URL(url), { method: 'post', body: String(body), headers: FORM_HEADERS }]],
    [
      'bytes',
      (url, body) => [
        url,
        { method: 'POST', body: new TextEncoder().encode(String(body)), headers: FORM_HEADERS },
      ],
    ],
    ['a Request', (url, body) => [new Request(url, { method: 'POST', body })]],
    ['a Request and parameters', (url, body) => [new Request(url, { method: 'POST' }), { body }]],
  ])('may send its token request as %s, which goes twice if a nonce is demanded', async (_, request) => {
    const scene = await createScene();
    const { token } = scene.authority.endpoints;
    token.answerWith(nonceError('as-1'), { times: 1 });
    const response = await scene.wrap()(...request(scene.authority.tokenEndpoint, tokenForm(scene)));
    expect(await response.json()).toMatchObject({ token_type: 'DPoP' });
    expect(token.requests.map(({ body }) => body)).toEqual(Array(2).fill(String(tokenForm(scene))));
  });

  it('finds the answer of the token endpoint as it came', async () => {
    const scene = await createScene();
    const { tokenEndpoint, endpoints } = scene.authority;
    const text = ' {"access_token":"t","token_type":"dpop","more":[1]}\n';
    endpoints.token.answerWith({ status: 201, headers: { 'x-more': 'yes' }, body: text });
    const response = await scene.wrap()(tokenEndpoint, { method: 'POST', body: tokenForm(scene) });
    expect([response.status, response.url, response.headers.get('x-more')]).toEqual([
      201,
      tokenEndpoint,
      'yes',
    ]);
    expect(await response.text()).toBe(text);
    endpoints.token.answerWith({ status: 400, json: { error: 'invalid_client' } });
    const refused = await scene.wrap()(tokenEndpoint, { method: 'POST', body: tokenForm(scene) });
    expect([refused.status, await refused.json()]).toEqual([400, { error: 'invalid_client' }]);
  });
});

describe('what passes untouched', () => {
  it.each<[string, RequestInit]>([
    ['a request without a token', {}],
    ['a token that is not known to be bound', { headers: { authorization: 'Bearer other' } }],
    ['credentials of another kind', { headers: { authorization: 'Basic dDp0' } }],
    ['a list of credentials', { headers: { authorization: 'DPoP t, Bearer t' } }],
    ['a request that has a proof', { headers: { authorization: 'DPoP t', dpop: 'a.b.c' } }],
    [
      'a token request that has a proof',
      { method: 'POST', body: 'grant_type=x', headers: { ...FORM_HEADERS, dpop: 'a.b.c' } },
    ],
    ['another form', { method: 'POST', body: new URLSearchParams({ token: 't' }) }],
    [
      'another type of body',
      { method: 'POST', body: 'grant_type=x', headers: { 'content-type': 'text/plain' } },
    ],
    ['a form that is not posted', { method: 'PUT', body: new URLSearchParams({ grant_type: 'x' }) }],
  ])('is %s', async (_, init) => {
    const seen: unknown[] = [];
    const wrapped = dpopFetch(createDpop(), {
      fetch: async (...parameters) => {
        seen.push(...parameters);
        return new Response();
      },
    });
    await wrapped('https://mcp.example.com/mcp', init);
    expect(seen[0]).toBe('https://mcp.example.com/mcp');
    expect(seen[1]).toBe(init);
  });
});

describe('where tokens and proofs go', () => {
  it.each([
    ['a call', { method: 'POST', body: 'x', headers: { authorization: 'DPoP t' } }],
    ['a token request', { method: 'POST', body: 'grant_type=x', headers: FORM_HEADERS }],
  ])('T18: not after a redirect of %s', async (_, init) => {
    const elsewhere = await startLoopbackServer(() => tokenAnswer('DPoP'));
    for (const status of [301, 302, 303, 307, 308]) {
      const server = await startLoopbackServer(() => ({
        status,
        headers: { location: elsewhere.origin, 'dpop-nonce': 'n' },
      }));
      const wrapped = dpopFetch(createDpop());
      expect((await wrapped(server.origin, init)).status).toBe(status);
      expect((await wrapped(server.origin, { ...init, redirect: 'follow' })).status).toBe(status);
      await expect(wrapped(server.origin, { ...init, redirect: 'error' })).rejects.toThrow(TypeError);
    }
    expect(elsewhere.requests).toEqual([]);
  });

  it('where the request went, query included, while the proof names the URL without it', async () => {
    const server = await startLoopbackServer(() => ({ json: {} }));
    await dpopFetch(createDpop())(`${server.origin}/mcp?session=1#part`, {
      headers: { authorization: 'dpop t' },
    });
    const [request] = server.requests;
    expect(request?.url).toBe('/mcp?session=1');
    expect(request?.headers.authorization).toBe('DPoP t');
    expect(proofOf(request as ReceivedRequest)).toMatchObject({ htm: 'GET', htu: `${server.origin}/mcp` });
  });

  it.each(['post', 'Delete', 'get', 'PATCH', 'propfind'])(
    'D13: with the method that is sent for %s, which fetch writes in upper case for some only',
    async (method) => {
      const sent: Request[] = [];
      const wrapped = dpopFetch(createDpop(), {
        fetch: async (input, init) => {
          sent.push(new Request(input, init));
          return new Response();
        },
      });
      const init = { method, headers: { authorization: 'DPoP t' } };
      await wrapped('https://mcp.example.com/mcp', init);
      await wrapped(new Request('https://mcp.example.com/mcp', init));
      expect(sent.map((request) => proofOf(request).htm)).toEqual(sent.map((request) => request.method));
    },
  );

  it('also for tokens from elsewhere, if the option says that they are bound', async () => {
    const scene = await createScene({ required: true });
    const token = scene.authority.mint({
      aud: scene.resource,
      cnf: { jkt: await scene.prover.thumbprint() },
    });
    expect((await call(scene, scene.wrap(), token)).status).toBe(401);
    expect((await call(scene, scene.wrap({ tokenType: 'DPoP' }), token)).status).toBe(200);
  });
});

describe('the arguments of dpopFetch', () => {
  it.each([
    [{}, {}, /^dpopFetch takes a prover: what createDpop\(…\) returns\.$/],
    [undefined, {}, /^dpopFetch takes a prover/],
    [createDpop(), { fetch: 'fetch' }, /^fetch must be a function/],
    [createDpop(), { tokenType: 'Bearer' }, /^tokenType must be "DPoP"/],
    [createDpop(), { requireBound: 'no' }, /^requireBound must be true or false\.$/],
    [createDpop(), { requiresBound: true }, /unknown option "requiresBound", did you mean "requireBound"\?/],
  ])('refuses %#', (prover, options, message) => {
    expect(() => dpopFetch(prover as never, options as never)).toThrow(TypeError);
    expect(() => dpopFetch(prover as never, options as never)).toThrow(message);
  });
});
