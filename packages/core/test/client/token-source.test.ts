import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { createTokenSource } from '../../src/client/index.ts';
import { parseChallenges } from '../../src/www-authenticate.ts';
import { failureOf } from './acquisition-failure.ts';
import { createScene, tokenRequests, trace } from './scene.ts';

describe('a token source', () => {
  it('walks from the resource to a token and says what it got', async () => {
    const scene = await createScene();
    scene.metadata.scopes_supported = ['deploy:read', 'offline_access'];
    const token = await createTokenSource(scene.options).getToken();
    expect(token.accessToken.split('.')).toHaveLength(3);
    expect(token).toMatchObject({
      tokenType: 'Bearer',
      scopes: ['deploy:read'],
      issuer: scene.authority.issuer,
      resource: scene.resource,
      expiresAt: Math.floor((tokenRequestTime(scene) ?? 0) / 1000) + 300,
    });
    expect(Object.fromEntries(tokenRequests(scene)[0] ?? [])).toEqual({
      grant_type: 'client_credentials',
      resource: scene.resource,
      scope: 'deploy:read',
    });
    expect(scene.events).toMatchObject([
      {
        type: 'token_request',
        reason: 'cold',
        outcome: 'success',
        scopes: ['deploy:read'],
        clientId: 'nightly-report',
      },
    ]);
  });

  it('makes one token request for fifty cold callers, and none while the token lives', async () => {
    const scene = await createScene();
    const tokens = createTokenSource(scene.options);
    const obtained = await Promise.all(Array.from({ length: 50 }, () => tokens.getToken()));
    expect(new Set(obtained.map(({ accessToken }) => accessToken)).size).toBe(1);
    scene.authority.advanceSeconds(200);
    await tokens.getToken();
    expect(tokenRequests(scene)).toHaveLength(1);
  });

  it('renews in the background near the end of the lifetime, while callers go on with the old token', async () => {
    const scene = await createScene();
    const tokens = createTokenSource(scene.options);
    const first = await tokens.getToken();
    scene.authority.advanceSeconds(269);
    const release = scene.authority.endpoints.token.hold();
    const during = await Promise.all(Array.from({ length: 50 }, () => tokens.getToken()));
    expect(during.every((token) => token === first)).toBe(true);
    release();
    await vi.waitFor(async () => expect(await tokens.getToken()).not.toBe(first));
    expect(scene.acquisitions()).toEqual(['cold success', 'refresh success']);
    expect(tokenRequests(scene)).toHaveLength(2);
  });

  it('does not renew before three quarters of the lifetime', async () => {
    const scene = await createScene();
    const tokens = createTokenSource(scene.options);
    await tokens.getToken();
    scene.authority.advanceSeconds(224);
    await tokens.getToken();
    await sleep(20);
    expect(tokenRequests(scene)).toHaveLength(1);
  });

  it('makes one token request for fifty callers after expiry', async () => {
    const scene = await createScene();
    const tokens = createTokenSource(scene.options);
    const first = await tokens.getToken();
    scene.authority.advanceSeconds(301);
    const obtained = await Promise.all(Array.from({ length: 50 }, () => tokens.getToken()));
    expect(obtained.every((token) => token.accessToken !== first.accessToken)).toBe(true);
    expect(tokenRequests(scene)).toHaveLength(2);
    expect(scene.acquisitions()).toEqual(['cold success', 'refresh success']);
  });

  it('fails nobody while the current token lives, whatever the authorization server does', async () => {
    const scene = await createScene();
    const tokens = createTokenSource(scene.options);
    const first = await tokens.getToken();
    scene.authority.goDown();
    for (const second of [250, 30, 15, 4]) {
      scene.authority.advanceSeconds(second);
      expect(await tokens.getToken()).toBe(first);
    }
    scene.authority.advanceSeconds(2);
    expect(await failureOf(tokens.getToken())).toMatchObject({ code: 'unreachable', step: 'token_request' });
  });

  it('fails fast with retryAt after an outage, and recovers after it', async () => {
    const scene = await createScene();
    const tokens = createTokenSource(scene.options);
    scene.authority.endpoints.token.answerWith({ status: 503 });
    const first = await failureOf(tokens.getToken());
    expect(first).toMatchObject({ code: 'unavailable', step: 'token_request', received: 'status 503' });
    const again = await failureOf(tokens.getToken());
    expect(again.code).toBe('unavailable');
    expect(again.retryAt?.getTime()).toBeGreaterThan(scene.authority.now());
    expect(again.message).toContain('Not asked again before');
    expect(tokenRequests(scene)).toHaveLength(1);
    scene.authority.endpoints.token.recover();
    scene.authority.advanceSeconds(2);
    await tokens.getToken();
    expect(scene.acquisitions()).toEqual(['cold failure', 'cold success']);
  });

  it('waits longer after each failure', async () => {
    const scene = await createScene();
    const tokens = createTokenSource(scene.options);
    scene.authority.endpoints.token.answerWith({ status: 500 });
    const waits: number[] = [];
    for (let round = 0; round < 10; round++) {
      const { retryAt } = await failureOf(tokens.getToken());
      const wait = (retryAt?.getTime() ?? 0) - scene.authority.now();
      waits.push(wait);
      scene.authority.advanceSeconds(wait / 1000 + 0.1);
    }
    expect(waits[3]).toBeGreaterThan(4000);
    expect(waits[9]).toBeGreaterThan(40_000);
    expect(waits[9]).toBeLessThan(80_000);
  });

  it('honours Retry-After and clamps it to five minutes', async () => {
    const scene = await createScene();
    const tokens = createTokenSource(scene.options);
    scene.authority.endpoints.token.answerWith({ status: 429, headers: { 'retry-after': '20' } });
    expect((await failureOf(tokens.getToken())).retryAt?.getTime()).toBeGreaterThan(
      scene.authority.now() + 19_000,
    );
    for (let caller = 0; caller < 20; caller++) await failureOf(tokens.getToken());
    expect(tokenRequests(scene)).toHaveLength(1);
    scene.authority.advanceSeconds(21);
    scene.authority.endpoints.token.answerWith({ status: 429, headers: { 'retry-after': '86400' } });
    const { retryAt } = await failureOf(tokens.getToken());
    expect(retryAt?.getTime()).toBeLessThanOrEqual(scene.authority.now() + 300_000);
  });

  it.each(['invalid_client', 'invalid_grant', 'unauthorized_client'])(
    'remembers %s and does not hammer the authorization server with it',
    async (code) => {
      const scene = await createScene();
      const tokens = createTokenSource(scene.options);
      scene.authority.endpoints.token.answerWith({ status: 401, json: { error: code } });
      const errors = await Promise.all(Array.from({ length: 50 }, () => failureOf(tokens.getToken())));
      expect(new Set(errors.map((error) => error.code))).toEqual(new Set([code]));
      scene.authority.advanceSeconds(20);
      expect((await failureOf(tokens.getToken())).retryAt).toBeInstanceOf(Date);
      expect(tokenRequests(scene)).toHaveLength(1);
      scene.authority.endpoints.token.recover();
      scene.authority.advanceSeconds(20);
      await tokens.getToken();
    },
  );

  it("ends one caller's wait without failing the others", async () => {
    const scene = await createScene();
    const tokens = createTokenSource(scene.options);
    const release = scene.authority.endpoints.token.hold();
    const impatient = new AbortController();
    const leaving = tokens.getToken({ signal: impatient.signal });
    const staying = [tokens.getToken(), tokens.getToken({ signal: new AbortController().signal })];
    await vi.waitFor(() => expect(tokenRequests(scene)).toHaveLength(1));
    const reason = new Error('the caller has left');
    impatient.abort(reason);
    await expect(leaving).rejects.toBe(reason);
    release();
    const [one, two] = await Promise.all(staying);
    expect(one).toBe(two);
    await expect(tokens.getToken({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(tokenRequests(scene)).toHaveLength(1);
  });

  it('keeps what the aborted caller asked for', async () => {
    const scene = await createScene();
    const tokens = createTokenSource(scene.options);
    const release = scene.authority.endpoints.token.hold();
    const caller = new AbortController();
    const leaving = tokens.getToken({ signal: caller.signal }).catch(() => undefined);
    await vi.waitFor(() => expect(tokenRequests(scene)).toHaveLength(1));
    caller.abort();
    await leaving;
    release();
    await tokens.getToken();
    expect(tokenRequests(scene)).toHaveLength(1);
  });

  it('discovers once and again after an hour', async () => {
    const scene = await createScene();
    const tokens = createTokenSource(scene.options);
    const asked = () => [trace(scene.requests), scene.authority.endpoints.metadata.requests.length];
    const discovery = ['POST /mcp', 'GET /.well-known/oauth-protected-resource/mcp'];
    await tokens.getToken();
    scene.authority.advanceSeconds(1000);
    await tokens.getToken();
    expect(asked()).toEqual([discovery, 1]);
    scene.authority.advanceSeconds(3000);
    await tokens.getToken();
    expect(asked()).toEqual([[...discovery, ...discovery], 2]);
    expect(scene.challengeCalls()).toHaveLength(2);
  });

  it('goes on with the last discovery while a metadata server is down, but not once its document has become wrong', async () => {
    const scene = await createScene();
    const tokens = createTokenSource(scene.options);
    await tokens.getToken();
    scene.authority.endpoints.metadata.answerWith({ status: 503 });
    scene.authority.advanceSeconds(4000);
    await tokens.getToken();
    expect(tokenRequests(scene)).toHaveLength(2);
    scene.authority.endpoints.metadata.recover();
    scene.authority.setMetadata({ issuer: 'https://elsewhere.example.com' });
    scene.authority.advanceSeconds(4000);
    expect(await failureOf(tokens.getToken())).toMatchObject({ code: 'metadata_mismatch' });
    expect(tokenRequests(scene)).toHaveLength(2);
  });

  it('does not fail a caller with the refusal of a step-up that happens to be under way', async () => {
    const scene = await createScene({ clientScopes: ['deploy:read'] });
    scene.metadata.scopes_supported = ['deploy:read'];
    const tokens = createTokenSource(scene.options);
    const token = await tokens.getToken();
    const release = scene.authority.endpoints.token.hold();
    const challenge = parseChallenges('Bearer error="insufficient_scope", scope="deploy:write"')[0];
    const stepUp = tokens.reportRefused(token, { status: 403, challenge });
    await vi.waitFor(() => expect(tokenRequests(scene)).toHaveLength(2));
    scene.authority.advanceSeconds(400);
    const waiting = [tokens.getToken(), tokens.getToken(), tokens.reportRefused(token, { status: 401 })];
    release();
    expect(await stepUp).toBeUndefined();
    const [one, two, three] = await Promise.all(waiting);
    expect(one?.scopes).toEqual(['deploy:read']);
    expect([two, three]).toEqual([one, one]);
    expect(scene.acquisitions()).toEqual(['cold success', 'step-up failure', 'refresh success']);
  });

  it('lets a throwing or rejecting listener change nothing', async () => {
    const scene = await createScene();
    const throwing = createTokenSource({
      ...scene.options,
      onEvent: () => {
        throw new Error('listener');
      },
    });
    const rejecting = createTokenSource({
      ...scene.options,
      onEvent: () => Promise.reject(new Error('listener')),
    });
    expect((await throwing.getToken()).tokenType).toBe('Bearer');
    expect((await rejecting.getToken()).tokenType).toBe('Bearer');
  });

  it('measures durations and names the failure in its event', async () => {
    const scene = await createScene();
    scene.authority.endpoints.token.answerWith(() => {
      scene.authority.advanceSeconds(2);
      return { status: 400, json: { error: 'unauthorized_client' } };
    });
    await failureOf(createTokenSource(scene.options).getToken());
    expect(scene.events).toMatchObject([
      {
        outcome: 'failure',
        error: { code: 'unauthorized_client', step: 'token_request', server: scene.authority.tokenEndpoint },
      },
    ]);
    expect((scene.events[0] as { durationMilliseconds: number }).durationMilliseconds).toBeGreaterThanOrEqual(
      2000,
    );
  });

  it('leaves resource out only when told to, and reports it', async () => {
    const scene = await createScene({ audience: 'https://mcp.example.com/mcp' });
    await createTokenSource({ ...scene.options, dangerouslyOmitResource: true }).getToken();
    expect(tokenRequests(scene)[0]?.has('resource')).toBe(false);
    expect(scene.events[0]).toEqual({ type: 'resource_omitted', resource: scene.resource });
  });

  it('sends further parameters as configured', async () => {
    const scene = await createScene();
    await createTokenSource({
      ...scene.options,
      tokenParameters: { audience: 'api://deploy desk' },
    }).getToken();
    expect(tokenRequests(scene)[0]?.get('audience')).toBe('api://deploy desk');
  });
});

function tokenRequestTime(scene: Awaited<ReturnType<typeof createScene>>): number | undefined {
  return scene.authority.endpoints.token.requests[0]?.time;
}
