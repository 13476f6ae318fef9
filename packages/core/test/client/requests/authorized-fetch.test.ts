import { describe, expect, it, vi } from 'vitest';
import { authorizedFetch, createTokenSource, type TokenSource } from '../../../src/client/index.ts';
import { formatChallenge } from '../../../src/www-authenticate.ts';
import { startLoopbackServer } from '../../loopback-server.ts';
import { failureOf } from '../acquisition-failure.ts';
import { createScene, tokenRequests, trace, type Scene, type SceneOptions } from '../scene.ts';

async function setUp(
  options?: SceneOptions,
): Promise<{ scene: Scene; tokens: TokenSource; fetch: typeof globalThis.fetch }> {
  const scene = await createScene(options);
  const tokens = createTokenSource(scene.options);
  return { scene, tokens, fetch: authorizedFetch(tokens) };
}

const bearers = (scene: Scene) => scene.calls().map(({ headers }) => headers.authorization);

describe('authorizedFetch', () => {
  it('attaches the token, and keeps method, headers and body', async () => {
    const { scene, tokens, fetch } = await setUp();
    const response = await fetch(scene.resource, {
      method: 'POST',
      headers: { 'x-kept': 'yes' },
      body: 'hello',
    });
    expect(await response.json()).toMatchObject({ echo: 'hello' });
    expect(scene.calls()[0]).toMatchObject({
      method: 'POST',
      body: 'hello',
      headers: { 'x-kept': 'yes', authorization: `Bearer ${(await tokens.getToken()).accessToken}` },
    });
    // Before it, discovery: one call without a token, and the metadata.
    expect(scene.challengeCalls()).toHaveLength(1);
    expect(trace(scene.requests)).toEqual([
      'POST /mcp',
      'GET /.well-known/oauth-protected-resource/mcp',
      'POST /mcp',
    ]);
  });

  it('takes a URL and a Request as well as a string', async () => {
    const { scene, fetch } = await setUp();
    await fetch(new URL(scene.resource));
    await fetch(
      new Request(scene.resource, { method: 'POST', body: 'from a request', headers: { 'x-kept': 'yes' } }),
    );
    expect(scene.calls()).toMatchObject([{ method: 'GET' }, { method: 'POST', body: 'from a request' }]);
    expect(scene.calls()[1]?.headers['x-kept']).toBe('yes');
    expect(bearers(scene)).toEqual([expect.stringMatching(/^Bearer /), expect.stringMatching(/^Bearer /)]);
  });

  it('uses the fetch it is given, without a receiver', async () => {
    const scene = await createScene();
    const seen: unknown[] = [];
    function recording(this: unknown, input: string | URL | Request, init?: RequestInit): Promise<Response> {
      seen.push(this);
      return globalThis.fetch(input, init);
    }
    const fetch = authorizedFetch(createTokenSource(scene.options), { fetch: recording });
    await fetch(scene.resource);
    expect(seen).toEqual([undefined]);
  });

  it.each([
    ['another path of the server', '/elsewhere'],
    ['a path that only begins alike', '/mcp2'],
    ['a path that climbs out in plain', '/mcp/../admin'],
    ['a path that climbs out by encoded dots', '/mcp/%2e%2e/admin'],
    ['a path that climbs out behind an encoded slash', '/mcp/..%2fadmin'],
    ['a path encoded twice', '/mcp/%252e%252e%252fadmin'],
    ['the parent', '/'],
    ['the metadata', '/.well-known/oauth-protected-resource/mcp'],
  ])('lets %s pass without the token', async (_, path) => {
    const { scene, fetch } = await setUp();
    const response = await fetch(`${scene.origin}${path}`, { headers: { 'x-own': '1' } });
    await response.text();
    expect(scene.requests).toHaveLength(1);
    expect(scene.requests[0]?.headers).toMatchObject({ 'x-own': '1' });
    expect(scene.requests[0]?.headers.authorization).toBeUndefined();
    expect(tokenRequests(scene)).toHaveLength(0);
  });

  it('lets another port and another name of the same machine pass without the token', async () => {
    const { scene, fetch } = await setUp();
    const other = await startLoopbackServer(() => ({ json: {} }));
    await fetch(`${other.origin}/mcp`, { headers: { authorization: 'Bearer its own' } });
    await fetch(`${other.origin.replace('127.0.0.1', 'localhost')}/mcp`).catch(() => undefined);
    expect(other.requests[0]?.headers.authorization).toBe('Bearer its own');
    expect(tokenRequests(scene)).toHaveLength(0);
  });

  it('sends the token beneath the resource and with any query', async () => {
    const { scene, fetch } = await setUp();
    await fetch(`${scene.resource}?session=1`);
    scene.answer = () => ({ json: {} });
    await fetch(`${scene.resource}/beneath`);
    expect(bearers(scene)).toEqual([expect.stringMatching(/^Bearer /), expect.stringMatching(/^Bearer /)]);
  });

  it('does not follow a redirect with the token', async () => {
    const { scene, fetch } = await setUp();
    const thief = await startLoopbackServer(() => ({ json: {} }));
    scene.answer = () => ({ status: 307, headers: { location: `${thief.origin}/mcp` } });
    const response = await fetch(scene.resource, { method: 'POST', body: 'x' });
    expect(response.status).toBe(307);
    expect(thief.requests).toHaveLength(0);
    await expect(fetch(scene.resource, { redirect: 'error' })).rejects.toThrow(TypeError);
  });

  it('asks for no token without need, and passes the abort of a waiting caller on', async () => {
    const { scene, fetch } = await setUp();
    scene.authority.endpoints.token.hang();
    const caller = new AbortController();
    const waiting = fetch(scene.resource, { signal: caller.signal });
    await vi.waitFor(() => expect(tokenRequests(scene)).toHaveLength(1));
    const reason = new Error('the caller has left');
    caller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(scene.challengeCalls()).toHaveLength(1);
    expect(scene.calls()).toHaveLength(0);
  });
});

describe('authorizedFetch after a 401', () => {
  it.each<[string, () => NonNullable<RequestInit['body']>, string]>([
    ['a string', () => 'text', 'text'],
    ['bytes', () => new TextEncoder().encode('bytes'), 'bytes'],
    ['an ArrayBuffer', () => new TextEncoder().encode('buffer').buffer, 'buffer'],
    ['a Blob', () => new Blob(['blob']), 'blob'],
    ['URLSearchParams', () => new URLSearchParams({ a: 'b c' }), 'a=b+c'],
  ])('renews once and sends %s again', async (_, body, received) => {
    const { scene, tokens, fetch } = await setUp();
    scene.revoked.add((await tokens.getToken()).accessToken);
    const response = await fetch(scene.resource, { method: 'POST', body: body() });
    expect(await response.json()).toMatchObject({ echo: received });
    expect(scene.calls().map((request) => request.body)).toEqual([received, received]);
    expect(scene.challengeCalls()).toHaveLength(1);
    expect(scene.acquisitions()).toEqual(['cold success', 'unauthorized success']);
  });

  it('sends FormData again', async () => {
    const { scene, tokens, fetch } = await setUp();
    scene.revoked.add((await tokens.getToken()).accessToken);
    const body = new FormData();
    body.set('field', 'value');
    expect((await fetch(scene.resource, { method: 'POST', body })).status).toBe(200);
    expect(scene.calls()[1]?.body).toContain('value');
  });

  it.each<[string, (url: string) => Parameters<typeof fetch>]>([
    ['a stream', (url) => [url, { method: 'POST', body: new Blob(['once']).stream(), duplex: 'half' }]],
    ['a Request with a body', (url) => [new Request(url, { method: 'POST', body: 'once' })]],
  ])('sends %s once, renews, returns the 401 and says so', async (_, call) => {
    const { scene, tokens, fetch } = await setUp();
    const old = await tokens.getToken();
    scene.revoked.add(old.accessToken);
    const response = await fetch(...call(scene.resource));
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ refused: 401 });
    expect(scene.calls().map(({ body }) => body)).toEqual(['once']);
    expect(scene.challengeCalls()).toHaveLength(1);
    expect(scene.events.at(-1)).toEqual({ type: 'not_replayable', resource: scene.resource, status: 401 });
    expect((await tokens.getToken()).accessToken).not.toBe(old.accessToken);
    expect((await fetch(scene.resource)).status).toBe(200);
    expect(tokenRequests(scene)).toHaveLength(2);
  });

  it('sends a Request without a body again', async () => {
    const { scene, tokens, fetch } = await setUp();
    scene.revoked.add((await tokens.getToken()).accessToken);
    expect((await fetch(new Request(scene.resource))).status).toBe(200);
  });

  it('makes one token request for fifty calls that are refused at once', async () => {
    const { scene, tokens, fetch } = await setUp();
    scene.revoked.add((await tokens.getToken()).accessToken);
    const responses = await Promise.all(Array.from({ length: 50 }, () => fetch(scene.resource)));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(scene.acquisitions()).toEqual(['cold success', 'unauthorized success']);
  });

  it('makes no token request for a token that has since been replaced', async () => {
    const { scene, tokens } = await setUp();
    const old = await tokens.getToken();
    const next = await tokens.reportRefused(old, { status: 401 });
    const late = await tokens.reportRefused(old, { status: 401 });
    expect(late).toBe(next);
    expect(tokenRequests(scene)).toHaveLength(2);
  });

  it('does not loop when the new token is refused too, and makes no token request for the calls that follow', async () => {
    const { scene, fetch } = await setUp();
    scene.answer = () => ({ status: 401, headers: { 'www-authenticate': 'Bearer' }, json: { refused: 401 } });
    const response = await fetch(scene.resource);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ refused: 401 });
    expect(scene.calls()).toHaveLength(2);
    for (let call = 0; call < 20; call++) expect((await fetch(scene.resource)).status).toBe(401);
    expect(scene.calls()).toHaveLength(22);
    expect(scene.challengeCalls()).toHaveLength(1);
    expect(tokenRequests(scene)).toHaveLength(2);
    expect(scene.events.filter(({ type }) => type === 'renewal_suspended')).toHaveLength(1);
    scene.answer = () => undefined;
    expect((await fetch(scene.resource)).status).toBe(200);
  });

  it('tries a renewal again after a pause, and each pause is longer', async () => {
    const { scene, fetch } = await setUp({ accessTokenLifetimeSeconds: 36_000 });
    scene.answer = () => ({ status: 401 });
    await fetch(scene.resource);
    for (const [seconds, expected] of [
      [29, 2],
      [2, 3],
      [58, 3],
      [4, 4],
    ] as const) {
      scene.authority.advanceSeconds(seconds);
      await fetch(scene.resource);
      expect(tokenRequests(scene)).toHaveLength(expected);
    }
  });

  it('bounds the renewals that replicas in disagreement provoke', async () => {
    const { scene, fetch } = await setUp();
    let turn = 0;
    scene.answer = () => (turn++ % 2 === 0 ? { status: 401 } : undefined);
    for (let call = 0; call < 20; call++) await fetch(scene.resource);
    expect(tokenRequests(scene)).toHaveLength(6);
  });

  it('tells why there is no new token, and frees the refused response', async () => {
    const scene = await createScene();
    const tokens = createTokenSource(scene.options);
    const cancelled: boolean[] = [];
    const fetch = authorizedFetch(tokens, {
      fetch: () => {
        const body = new ReadableStream({ cancel: () => void cancelled.push(true) });
        return Promise.resolve(new Response(body, { status: 401 }));
      },
    });
    await tokens.getToken();
    scene.authority.endpoints.token.answerWith({ status: 401, json: { error: 'invalid_client' } });
    expect(await failureOf(fetch(scene.resource))).toMatchObject({
      code: 'invalid_client',
      step: 'token_request',
    });
    expect(cancelled).toEqual([true]);
  });

  it('frees the refused response when it goes on with another', async () => {
    const scene = await createScene();
    const cancelled: boolean[] = [];
    let answered = 0;
    const fetch = authorizedFetch(createTokenSource(scene.options), {
      fetch: () => {
        const body = new ReadableStream({ cancel: () => void cancelled.push(true) });
        return Promise.resolve(new Response(body, { status: answered++ === 0 ? 401 : 200 }));
      },
    });
    expect((await fetch(scene.resource)).status).toBe(200);
    expect(cancelled).toEqual([true]);
  });

  it('returns the 401 where the authorization server hands the same token out again', async () => {
    const { scene, fetch } = await setUp();
    const token = scene.authority.mint({ aud: scene.resource });
    scene.authority.endpoints.token.answerWith({
      json: { access_token: token, token_type: 'Bearer', expires_in: 60 },
    });
    scene.revoked.add(token);
    expect((await fetch(scene.resource)).status).toBe(401);
    expect(scene.challengeCalls()).toHaveLength(1);
    expect(scene.calls()).toHaveLength(1);
  });

  it('asks for the scopes that the challenge of a 401 names', async () => {
    const { scene, fetch } = await setUp();
    let first = true;
    scene.answer = () => {
      if (!first) return undefined;
      first = false;
      return {
        status: 401,
        headers: { 'www-authenticate': formatChallenge('Bearer', { scope: 'deploy:read' }) },
      };
    };
    expect(await (await fetch(scene.resource)).json()).toMatchObject({ scopes: ['deploy:read'] });
    expect(tokenRequests(scene).map((request) => request.get('scope'))).toEqual([null, 'deploy:read']);
  });
});

describe('authorizedFetch after a 403', () => {
  const scoped = (scene: Scene, scope: string) => `${scene.resource}/${scope}`;

  it('steps up once to the union of scopes and sends the request again', async () => {
    const { scene, fetch } = await setUp();
    scene.metadata.scopes_supported = ['deploy:read'];
    const response = await fetch(scoped(scene, 'deploy:write'), { method: 'POST', body: 'go' });
    expect(await response.json()).toMatchObject({ echo: 'go', scopes: ['deploy:read', 'deploy:write'] });
    expect(scene.acquisitions()).toEqual(['cold success', 'step-up success']);
    expect(tokenRequests(scene)[1]?.get('scope')).toBe('deploy:read deploy:write');
  });

  it('keeps a granted step-up across renewals', async () => {
    const { scene, tokens, fetch } = await setUp();
    scene.metadata.scopes_supported = ['deploy:read'];
    await fetch(scoped(scene, 'deploy:write'));
    scene.authority.advanceSeconds(400);
    expect((await tokens.getToken()).scopes).toEqual(['deploy:read', 'deploy:write']);
    scene.revoked.add((await tokens.getToken()).accessToken);
    await fetch(scene.resource);
    expect((await tokens.getToken()).scopes).toEqual(['deploy:read', 'deploy:write']);
  });

  it('makes one token request for fifty calls that want the same scope', async () => {
    const { scene, fetch } = await setUp();
    const responses = await Promise.all(
      Array.from({ length: 50 }, () => fetch(scoped(scene, 'deploy:write'), { method: 'POST', body: 'x' })),
    );
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(scene.acquisitions()).toEqual(['cold success', 'step-up success']);
  });

  it('gathers different scopes wanted at the same time', async () => {
    const { scene, tokens, fetch } = await setUp();
    const responses = await Promise.all(['a', 'b', 'c'].map((scope) => fetch(scoped(scene, scope))));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect([...(await tokens.getToken()).scopes].toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('requests no more than the configured ceiling, and of that only what the metadata names', async () => {
    const scene = await createScene();
    scene.metadata.scopes_supported = ['deploy:read', 'deploy:approve'];
    const tokens = createTokenSource({ ...scene.options, scopes: ['deploy:read', 'deploy:write'] });
    const fetch = authorizedFetch(tokens);
    expect((await tokens.getToken()).scopes).toEqual(['deploy:read']);
    expect((await fetch(scoped(scene, 'deploy:approve'))).status).toBe(403);
    expect(scene.events.at(-1)).toMatchObject({ type: 'step_up_declined', cause: 'above_ceiling' });
    expect((await fetch(scoped(scene, 'deploy:write'))).status).toBe(200);
    expect(tokenRequests(scene).map((request) => request.get('scope'))).toEqual([
      'deploy:read',
      'deploy:read deploy:write',
    ]);
  });

  it('requests the whole ceiling where the metadata names none of it', async () => {
    const scene = await createScene();
    scene.metadata.scopes_supported = ['mcp'];
    const tokens = createTokenSource({ ...scene.options, scopes: ['api://deploy/.default'] });
    expect((await tokens.getToken()).scopes).toEqual(['api://deploy/.default']);
  });

  it('remembers a scope that the authorization server refuses, keeps its token, and returns the 403', async () => {
    const { scene, tokens, fetch } = await setUp({ clientScopes: ['deploy:read'] });
    const before = await tokens.getToken();
    for (let call = 0; call < 10; call++) {
      const response = await fetch(scoped(scene, 'deploy:write'));
      expect(response.status).toBe(403);
      expect(await response.json()).toEqual({ refused: 403 });
    }
    expect(scene.acquisitions()).toEqual(['cold success', 'step-up failure']);
    expect(await tokens.getToken()).toBe(before);
    expect(scene.calls()).toHaveLength(10);
    expect(scene.challengeCalls()).toHaveLength(1);
    const causes = scene.events.flatMap((event) => (event.type === 'step_up_declined' ? [event.cause] : []));
    expect(causes.slice(0, 2)).toEqual(['not_granted', 'refused_before']);
  });

  it('remembers a scope that is silently left out of the new token', async () => {
    const { scene, tokens, fetch } = await setUp();
    const before = await tokens.getToken();
    scene.authority.endpoints.token.answerWith({
      json: {
        access_token: scene.authority.mint({ aud: scene.resource, scope: 'deploy:read' }),
        token_type: 'Bearer',
        expires_in: 300,
        scope: 'deploy:read',
      },
    });
    expect((await fetch(scoped(scene, 'deploy:write'))).status).toBe(403);
    expect((await fetch(scoped(scene, 'deploy:write'))).status).toBe(403);
    expect(tokenRequests(scene)).toHaveLength(2);
    expect(await tokens.getToken()).toBe(before);
  });

  it('does not ask for scopes that the token already has', async () => {
    const { scene, fetch } = await setUp();
    scene.metadata.scopes_supported = ['deploy:read'];
    scene.answer = () => ({
      status: 403,
      headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="deploy:read"' },
    });
    expect((await fetch(scene.resource)).status).toBe(403);
    expect(scene.events.at(-1)).toMatchObject({ type: 'step_up_declined', cause: 'already_granted' });
    expect(tokenRequests(scene)).toHaveLength(1);
  });

  it('returns the 403 while the authorization server is down', async () => {
    const { scene, tokens, fetch } = await setUp();
    await tokens.getToken();
    scene.authority.goDown();
    expect((await fetch(scoped(scene, 'deploy:write'))).status).toBe(403);
    expect(scene.events.at(-1)).toMatchObject({ type: 'step_up_declined', cause: 'failed' });
    expect((await fetch(scene.resource)).status).toBe(200);
  });

  it('sends a stream once, steps up for the next call, and says so', async () => {
    const { scene, fetch } = await setUp();
    const stream = { method: 'POST', body: new Blob(['once']).stream(), duplex: 'half' } as RequestInit;
    expect((await fetch(scoped(scene, 'deploy:write'), stream)).status).toBe(403);
    expect(scene.events.at(-1)).toMatchObject({ type: 'not_replayable', status: 403 });
    expect((await fetch(scoped(scene, 'deploy:write'))).status).toBe(200);
    expect(tokenRequests(scene)).toHaveLength(2);
  });

  it('lets a refusal without an error code reach the caller as it came', async () => {
    const { scene, fetch } = await setUp();
    const body = { jsonrpc: '2.0', id: 7, error: { code: 40300, message: 'Only a person may approve.' } };
    scene.answer = () => ({
      status: 403,
      headers: { 'www-authenticate': formatChallenge('Bearer', { resource_metadata: `${scene.origin}/x` }) },
      json: body,
    });
    const response = await fetch(scene.resource, { method: 'POST', body: '{}' });
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual(body);
    expect(tokenRequests(scene)).toHaveLength(1);
    expect(scene.challengeCalls()).toHaveLength(1);
    expect(scene.calls()).toHaveLength(1);
  });

  it('does at most one renewal and one step-up in one call', async () => {
    const { scene, fetch } = await setUp();
    const answers = [401, 403, 401, 403, 401];
    scene.answer = () => {
      const status = answers.shift() ?? 200;
      return {
        status,
        headers: {
          'www-authenticate': status === 403 ? 'Bearer error="insufficient_scope", scope="x"' : 'Bearer',
        },
      };
    };
    expect((await fetch(scene.resource)).status).toBe(401);
    expect(scene.acquisitions()).toEqual(['cold success', 'unauthorized success', 'step-up success']);
    expect(scene.calls()).toHaveLength(3);
    expect(scene.challengeCalls()).toHaveLength(1);
  });

  it('M27: ignores a challenge with an absurd list of scopes', async () => {
    const { scene, fetch } = await setUp();
    scene.answer = () => ({
      status: 403,
      headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${'s'.repeat(10_000)}"` },
    });
    expect((await fetch(scene.resource)).status).toBe(403);
    expect(tokenRequests(scene)).toHaveLength(1);
  });
});

describe('the arguments of authorizedFetch', () => {
  it.each([
    ['no token source', undefined, undefined, /token source/],
    ['a string', 'token', undefined, /token source/],
  ])('refuses %s', (_, tokens, options, message) => {
    expect(() => authorizedFetch(tokens as unknown as TokenSource, options)).toThrow(message);
  });

  it('names an unknown option and a fetch that is none', async () => {
    const { tokens } = await setUp();
    expect(() => authorizedFetch(tokens, { fetsh: fetch } as object)).toThrow(
      /unknown option "fetsh".*"fetch"/,
    );
    expect(() => authorizedFetch(tokens, { fetch: 'fetch' as unknown as typeof fetch })).toThrow(
      /fetch must be/,
    );
  });
});

describe('the headers that a caller hands to authorizedFetch', () => {
  const OWN = 'Basic of-the-caller';
  it.each<[string, () => NonNullable<RequestInit['headers']>]>([
    ['an object', () => ({ AUTHORIZATION: OWN, DPoP: 'a-proof', 'X-Kept': 'yes' })],
    [
      'a list',
      () => [
        ['Authorization', OWN],
        ['authorization', OWN],
        ['dpop', 'a-proof'],
        ['x-kept', 'yes'],
      ],
    ],
    ['Headers', () => new Headers({ authorization: OWN, dpop: 'a-proof', 'x-kept': 'yes' })],
  ])(
    'as %s are sent with the token once, in place of what they had, and stay as they are',
    async (_, make) => {
      const { scene, tokens, fetch } = await setUp();
      const [headers, before] = [make(), make()];
      const init: RequestInit = Object.freeze({ headers, method: 'POST', body: 'x' });
      for (let call = 0; call < 2; call++) expect((await fetch(scene.resource, init)).status).toBe(200);
      const { accessToken } = await tokens.getToken();
      for (const { headers: received } of scene.calls()) {
        expect(received).toMatchObject({ authorization: `Bearer ${accessToken}`, 'x-kept': 'yes' });
        expect(received).not.toHaveProperty('dpop');
      }
      expect([...new Headers(headers)]).toEqual([...new Headers(before)]);
      expect(JSON.stringify(headers)).toBe(JSON.stringify(before));
    },
  );

  it('are refused where they are none: a rejection, not an exception', async () => {
    const { scene, tokens, fetch } = await setUp();
    await tokens.getToken();
    const answer = fetch(scene.resource, { headers: { 'x-bad': 'a\r\nb' } });
    await expect(answer).rejects.toThrow(TypeError);
    expect(scene.calls()).toHaveLength(0);
  });
});

describe('a token that is there already', () => {
  it('is sent without being waited for', async () => {
    const { scene, tokens } = await setUp();
    await tokens.getToken();
    const sent: string[] = [];
    const fetch = authorizedFetch(tokens, {
      fetch: (input, init) => {
        sent.push('sent');
        return globalThis.fetch(input, init);
      },
    });
    const answer = fetch(scene.resource);
    expect(sent).toEqual(['sent']);
    expect((await answer).status).toBe(200);
  });

  it('is not sent for a caller that has left before', async () => {
    const { scene, tokens } = await setUp();
    await tokens.getToken();
    // One that does not heed signals.
    const fetch = authorizedFetch(tokens, { fetch: (input) => globalThis.fetch(input) });
    const reason = new Error('the caller has left');
    await expect(fetch(scene.resource, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(scene.calls()).toHaveLength(0);
  });

  it('is renewed in the background all the same', async () => {
    const { scene, tokens, fetch } = await setUp();
    const { accessToken } = await tokens.getToken();
    scene.authority.advanceSeconds(268);
    await fetch(scene.resource);
    await vi.waitFor(() => expect(scene.acquisitions()).toHaveLength(2));
    await fetch(scene.resource);
    expect(bearers(scene).map((bearer) => bearer === `Bearer ${accessToken}`)).toEqual([true, false]);
  });

  it('is asked for by getToken of a source of one’s own that has nothing else', async () => {
    const { scene, tokens } = await setUp();
    const own: TokenSource = { ...tokens };
    delete own.presentToken;
    expect((await authorizedFetch(own)(scene.resource)).status).toBe(200);
  });
});
