import { decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, it, vi } from 'vitest';
import { createTokenSource } from '../../../src/client/index.ts';
import { failureOf } from '../acquisition-failure.ts';
import { callTool, createBoundScene, judgements, type BoundScene } from './bound-scene.ts';
import { nonceError, proofOf } from './scene.ts';

const tokenProofs = (scene: BoundScene) =>
  scene.authority.endpoints.token.requests.map((request) => proofOf(request as never));
const callProofs = (scene: BoundScene) => scene.sent.map((headers) => proofOf({ headers }));
const acquisitions = (scene: BoundScene) =>
  scene.events.flatMap((event) =>
    event.type === 'token_request' ? [`${event.reason} ${event.outcome}`] : [],
  );

describe('a source with a key', () => {
  it('obtains a token bound to it, and proves possession anew with every call', async () => {
    const scene = await createBoundScene();
    for (let call = 0; call < 3; call++) {
      expect((await callTool(scene, 'list_deployments')).status).toBe(200);
    }
    const token = await scene.tokens.getToken();
    expect(token.tokenType).toBe('DPoP');
    expect(decodeJwt(token.accessToken).cnf).toEqual({ jkt: await scene.prover.thumbprint() });
    expect(scene.sent.map((headers) => headers.get('authorization'))).toEqual(
      Array(3).fill(`DPoP ${token.accessToken}`),
    );
    const proofs = [...tokenProofs(scene), ...callProofs(scene)];
    expect(new Set(proofs.map(({ jti }) => jti)).size).toBe(4);
    expect(proofs.map(({ htu, htm }) => [htm, htu].join(' '))).toEqual([
      `POST ${scene.authority.tokenEndpoint}`,
      ...Array<string>(3).fill(`POST ${scene.resource}`),
    ]);
    expect(proofs[0]).not.toHaveProperty('ath');
    expect(new Set(proofs.slice(1).map(({ ath }) => ath)).size).toBe(1);
    expect(judgements(scene)).toEqual(['allowed', 'allowed', 'allowed']);
  });

  it('makes one token request for fifty calls at once, each of which goes with a proof of its own', async () => {
    const scene = await createBoundScene({ dpop: { required: true, nonce: true } });
    const calls = Array.from({ length: 50 }, () => callTool(scene, 'list_deployments'));
    expect((await Promise.all(calls)).every(({ status }) => status === 200)).toBe(true);
    expect(tokenProofs(scene)).toHaveLength(1);
    expect(new Set(callProofs(scene).map(({ jti }) => jti)).size).toBe(scene.sent.length);
    expect(scene.sent.length).toBeLessThanOrEqual(100);
  });

  it('renews a bound token with the same key, and binds the proofs to the new token', async () => {
    const scene = await createBoundScene();
    await callTool(scene, 'list_deployments');
    const before = await scene.tokens.getToken();
    scene.authority.advanceSeconds(269);
    await callTool(scene, 'list_deployments');
    await vi.waitFor(async () => expect(await scene.tokens.getToken()).not.toBe(before));
    expect((await callTool(scene, 'list_deployments')).status).toBe(200);
    const after = await scene.tokens.getToken();
    expect(decodeJwt(after.accessToken).cnf).toEqual(decodeJwt(before.accessToken).cnf);
    const [first, second, third] = callProofs(scene);
    expect(second?.ath).toBe(first?.ath);
    expect(third?.ath).not.toBe(first?.ath);
    expect(acquisitions(scene)).toEqual(['cold success', 'refresh success']);
  });

  it('replaces a proof and credentials that the caller has set', async () => {
    const scene = await createBoundScene();
    const headers = { dpop: 'a.b.c', DPoP: 'a.b.c', authorization: 'Bearer mine' };
    expect((await callTool(scene, 'list_deployments', { headers })).status).toBe(200);
    const [sent] = scene.sent;
    expect(sent?.get('dpop')).not.toContain('a.b.c');
    expect(sent?.get('authorization')).toMatch(/^DPoP ey/);
    expect(decodeProtectedHeader(sent?.get('dpop') ?? '')).toMatchObject({ typ: 'dpop+jwt', alg: 'ES256' });
  });

  it('steps up for a challenge whose scheme is DPoP, and keeps what was granted', async () => {
    const scene = await createBoundScene();
    await callTool(scene, 'list_deployments');
    expect((await callTool(scene, 'start_deployment')).status).toBe(200);
    const token = await scene.tokens.getToken();
    expect(token.scopes.toSorted()).toEqual(['deploy:read', 'deploy:write']);
    expect(decodeJwt(token.accessToken).cnf).toEqual({ jkt: await scene.prover.thumbprint() });
    expect(acquisitions(scene)).toEqual(['cold success', 'step-up success']);
    expect(judgements(scene)).toEqual(['allowed', 'scope_insufficient', 'allowed']);
    scene.authority.advanceSeconds(290);
    expect((await callTool(scene, 'start_deployment')).status).toBe(200);
    expect(acquisitions(scene)).toEqual(['cold success', 'step-up success', 'refresh success']);
  });

  it('sends a stream once: what the server says of its nonce is returned, and heeded by the next', async () => {
    const scene = await createBoundScene({ dpop: { required: true, nonce: true } });
    const message = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    const stream = () => ({
      body: new Blob([message]).stream(),
      duplex: 'half' as const,
    });
    const refused = await callTool(scene, 'list_deployments', stream());
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toContain('use_dpop_nonce');
    const answered = await callTool(scene, 'list_deployments', stream());
    expect([answered.status, await answered.text()]).toEqual([200, message]);
    expect(scene.sent).toHaveLength(2);
    expect(tokenProofs(scene)).toHaveLength(1);
  });
});

describe('a nonce that the authorization server demands', () => {
  it('is put into a second proof, and into those of later token requests at once', async () => {
    const scene = await createBoundScene();
    const { token } = scene.authority.endpoints;
    token.answerWith(nonceError('as-1'), { times: 1 });
    await scene.tokens.getToken();
    token.setHeaders({ 'dpop-nonce': 'as-2' });
    scene.authority.advanceSeconds(290);
    await scene.tokens.getToken();
    scene.authority.advanceSeconds(290);
    await scene.tokens.getToken();
    expect(tokenProofs(scene).map(({ nonce }) => nonce)).toEqual([undefined, 'as-1', 'as-1', 'as-2']);
    expect(new Set(tokenProofs(scene).map(({ jti }) => jti)).size).toBe(4);
    expect(acquisitions(scene)).toEqual(['cold success', 'refresh success', 'refresh success']);
  });

  it('is never taken for one of the resource server, not even on one origin', async () => {
    const scene = await createBoundScene({ dpop: { required: true, nonce: true } });
    scene.authority.endpoints.token.answerWith(nonceError('as-1'), { times: 1 });
    expect((await callTool(scene, 'list_deployments')).status).toBe(200);
    const [first, second] = callProofs(scene);
    expect(first).not.toHaveProperty('nonce');
    expect(second?.nonce).not.toBe('as-1');
    expect(tokenProofs(scene).map(({ nonce }) => nonce)).toEqual([undefined, 'as-1']);
  });

  it('D28: is answered once; a second demand is an error, and is not hammered', async () => {
    const scene = await createBoundScene();
    let issued = 0;
    scene.authority.endpoints.token.answerWith(() => nonceError(`as-${++issued}`));
    const failures = await Promise.all(Array.from({ length: 50 }, () => failureOf(scene.tokens.getToken())));
    expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['use_dpop_nonce']));
    for (let call = 0; call < 50; call++) await failureOf(scene.tokens.getToken());
    expect(failures[0]).toMatchObject({
      step: 'token_request',
      received: 'status 400, error "use_dpop_nonce"',
      hint: expect.stringMatching(
        /^Have the operator of the authorization server correct its nonces/,
      ) as string,
      retryAt: expect.any(Date) as Date,
    });
    expect(tokenProofs(scene).map(({ nonce }) => nonce)).toEqual([undefined, 'as-1']);
  });

  it.each([
    ['without a nonce', { status: 400, json: { error: 'use_dpop_nonce' } }],
    ['with a nonce that is none', nonceError('a "nonce"')],
  ])('is an error at once %s', async (_, answer) => {
    const scene = await createBoundScene();
    scene.authority.endpoints.token.answerWith(answer);
    expect(await failureOf(scene.tokens.getToken())).toMatchObject({ code: 'use_dpop_nonce' });
    expect(tokenProofs(scene)).toHaveLength(1);
  });
});

describe('a nonce that the resource server demands', () => {
  it('costs one more call for each nonce, and no token', async () => {
    const scene = await createBoundScene({ dpop: { required: true, nonce: { lifetimeSeconds: 60 } } });
    // Amid a period of the nonces, so that none ends in between by itself.
    scene.authority.advanceSeconds(90 - ((scene.authority.now() / 1000) % 60));
    const call = async () => expect((await callTool(scene, 'list_deployments')).status).toBe(200);
    await call();
    await call();
    expect(judgements(scene)).toEqual(['proof_nonce_required', 'allowed', 'allowed']);
    // The answer to the last proof with an old nonce brings the new one.
    scene.authority.advanceSeconds(60);
    await call();
    scene.authority.advanceSeconds(60);
    await call();
    expect(judgements(scene)).toEqual(['allowed', 'allowed']);
    expect(new Set(callProofs(scene).map(({ nonce }) => nonce)).size).toBe(3);
    expect(acquisitions(scene)).toEqual(['cold success']);
  });

  it('is met in one call with a step-up', async () => {
    const scene = await createBoundScene({ dpop: { required: true, nonce: true } });
    expect((await callTool(scene, 'start_deployment')).status).toBe(200);
    expect(judgements(scene)).toEqual(['proof_nonce_required', 'scope_insufficient', 'allowed']);
    expect(acquisitions(scene)).toEqual(['cold success', 'step-up success']);
  });
});

describe('the type of the token that comes back', () => {
  const answer = (type: string) => ({
    json: { access_token: 'canary-of-a-token', token_type: type, expires_in: 60 },
  });

  it('D29: Bearer for a proof is refused, and not asked for again at once', async () => {
    const scene = await createBoundScene();
    scene.authority.endpoints.token.answerWith(answer('Bearer'));
    const failure = await failureOf(scene.tokens.getToken());
    expect(failure).toMatchObject({
      code: 'token_type_not_supported',
      step: 'token_response',
      expected: '"token_type": "DPoP"',
      received: '"Bearer"',
    });
    expect(failure.hint).toContain('Enable DPoP for this client');
    await failureOf(scene.tokens.getToken());
    expect(tokenProofs(scene)).toHaveLength(1);
  });

  it('T11: DPoP that nobody asked for is refused', async () => {
    const scene = await createBoundScene();
    scene.authority.endpoints.token.answerWith(answer('DPoP'));
    const { dpop: _dpop, ...options } = scene.options;
    const failure = await failureOf(createTokenSource(options).getToken());
    expect(failure).toMatchObject({
      code: 'token_type_not_supported',
      expected: '"token_type": "Bearer"',
      received: '"DPoP"',
    });
    expect(failure.hint).toContain('dpop: createDpop()');
  });

  it('is compared without regard to case', async () => {
    const scene = await createBoundScene();
    scene.authority.endpoints.token.answerWith(answer('dpop'));
    expect(await scene.tokens.getToken()).toMatchObject({ tokenType: 'DPoP' });
  });
});

describe('what does not fit', () => {
  it('is told before anything is sent, where the server takes other algorithms', async () => {
    const scene = await createBoundScene();
    scene.authority.setMetadata({ dpop_signing_alg_values_supported: ['RS256', 'PS256'] });
    expect(await failureOf(scene.tokens.getToken())).toMatchObject({
      code: 'signing_algorithm_not_supported',
      step: 'authorization_server_metadata',
      expected: '"dpop_signing_alg_values_supported" with "ES256"',
      received: '["RS256", "PS256"]',
      hint: 'Create the DPoP key for an algorithm that the server offers.',
    });
    expect(tokenProofs(scene)).toEqual([]);
  });

  it('is no obstacle where the server does not say which algorithms it takes', async () => {
    const scene = await createBoundScene();
    scene.authority.setMetadata({ dpop_signing_alg_values_supported: undefined });
    expect((await callTool(scene, 'list_deployments')).status).toBe(200);
  });

  it('D17: proofs from another time are refused by the resource server, and no token is renewed for that', async () => {
    const scene = await createBoundScene({
      dpop: { required: true, proofWindowSeconds: 60 },
      proofsAheadSeconds: 120,
    });
    for (let call = 0; call < 10; call++) {
      const response = await callTool(scene, 'list_deployments');
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain('invalid_dpop_proof');
    }
    expect(acquisitions(scene)).toEqual(['cold success']);
    expect(scene.sent).toHaveLength(10);
  });

  it('D17: proofs from another time are refused by the authorization server, with the clocks in the hint', async () => {
    const scene = await createBoundScene({
      proofsAheadSeconds: 600,
      source: { now: () => Date.now() + 600_000 },
    });
    const failure = await failureOf(scene.tokens.getToken());
    expect(failure.code).toBe('invalid_dpop_proof');
    expect(failure.hint).toMatch(
      /^The clock here is 10 minutes ahead of the server's, by the Date of its answer/,
    );
  });
});
