import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { authorizedFetch, createTokenSource } from '../../../src/client/index.ts';
import { formatChallenge } from '../../../src/www-authenticate.ts';
import { failureOf } from '../acquisition-failure.ts';
import { createScene, requestedScopes, type SceneOptions } from '../scene.ts';

const invalidScope = { status: 400, json: { error: 'invalid_scope' } };
const SUPPORTED = ['deploy:read', 'deploy:write', 'deploy:approve'];

async function setUp(options?: SceneOptions) {
  const scene = await createScene(options);
  scene.metadata.scopes_supported = SUPPORTED;
  const tokens = createTokenSource(scene.options);
  return { scene, tokens };
}

describe('what the server demands of a call without a token', () => {
  it('is requested, and no more, whatever else its metadata lists', async () => {
    const { scene, tokens } = await setUp();
    scene.challenge = { scope: 'deploy:read' };
    expect((await tokens.getToken()).scopes).toEqual(['deploy:read']);
    scene.authority.advanceSeconds(400);
    await tokens.getToken();
    expect(requestedScopes(scene)).toEqual(['deploy:read', 'deploy:read']);
    expect(scene.challengeCalls()).toHaveLength(1);
  });

  it('is learnt anew with every discovery, and remembered where the server does not answer', async () => {
    const { scene, tokens } = await setUp();
    const demanded = [{ scope: 'deploy:read' }, { scope: 'deploy:read deploy:write' }, undefined];
    for (const challenge of demanded) {
      scene.challenge = challenge;
      await tokens.getToken();
      scene.authority.advanceSeconds(4000);
    }
    expect(scene.challengeCalls()).toHaveLength(3);
    expect(requestedScopes(scene)).toEqual([
      'deploy:read',
      'deploy:read deploy:write',
      'deploy:read deploy:write',
    ]);
  });

  it('outlives a discovery that the refusal of a token causes', async () => {
    const { scene, tokens } = await setUp();
    scene.challenge = { scope: 'deploy:read' };
    scene.revoked.add((await tokens.getToken()).accessToken);
    scene.answer = ({ headers }) =>
      scene.revoked.has(headers.authorization?.slice('Bearer '.length) ?? '')
        ? {
            status: 401,
            headers: {
              'www-authenticate': formatChallenge('Bearer', {
                error: 'invalid_token',
                resource_metadata: `${scene.origin}/.well-known/oauth-protected-resource/mcp?moved`,
              }),
            },
          }
        : undefined;
    expect((await authorizedFetch(tokens)(scene.resource)).status).toBe(200);
    expect(scene.requests.map(({ url }) => url)).toContain('/.well-known/oauth-protected-resource/mcp?moved');
    expect(scene.challengeCalls()).toHaveLength(1);
    expect(requestedScopes(scene)).toEqual(['deploy:read', 'deploy:read']);
  });

  it('is requested up to the configured scopes', async () => {
    const scene = await createScene();
    scene.challenge = { scope: 'deploy:read deploy:approve' };
    await createTokenSource({ ...scene.options, scopes: ['deploy:read', 'deploy:write'] }).getToken();
    expect(requestedScopes(scene)).toEqual(['deploy:read']);
  });

  it('is what a step-up adds to', async () => {
    const { scene, tokens } = await setUp();
    scene.challenge = { scope: 'deploy:read' };
    await authorizedFetch(tokens)(`${scene.resource}/deploy:write`);
    expect(requestedScopes(scene)).toEqual(['deploy:read', 'deploy:read deploy:write']);
  });
});

describe('scopes taken from the metadata that the authorization server refuses', () => {
  it('are left out of one more request at once, and of every later one', async () => {
    const { scene, tokens } = await setUp({ clientScopes: ['deploy:read'] });
    expect((await tokens.getToken()).scopes).toEqual(['deploy:read']);
    expect(requestedScopes(scene)).toEqual([SUPPORTED.join(' '), null]);
    expect(scene.acquisitions()).toEqual(['cold success']);
    scene.authority.advanceSeconds(400);
    await tokens.getToken();
    scene.authority.advanceSeconds(4000);
    await tokens.getToken();
    expect(requestedScopes(scene)).toEqual([SUPPORTED.join(' '), null, null, null]);
  });

  it('are left out of one more request only, even if that is refused too', async () => {
    const { scene, tokens } = await setUp();
    scene.authority.endpoints.token.answerWith(invalidScope);
    expect(await failureOf(tokens.getToken())).toMatchObject({ code: 'invalid_scope' });
    await failureOf(tokens.getToken());
    expect(requestedScopes(scene)).toEqual([SUPPORTED.join(' '), null]);
    expect(scene.acquisitions()).toEqual(['cold failure']);
    scene.authority.advanceSeconds(60);
    await failureOf(tokens.getToken());
    expect(requestedScopes(scene)).toEqual([SUPPORTED.join(' '), null, null]);
  });

  it('are left out when they are refused to a client that had them', async () => {
    const { scene, tokens } = await setUp();
    await tokens.getToken();
    scene.authority.endpoints.token.answerWith(({ body }) =>
      new URLSearchParams(body).has('scope')
        ? invalidScope
        : { json: { access_token: 'opaque-token', token_type: 'Bearer', expires_in: 300 } },
    );
    scene.authority.advanceSeconds(400);
    expect((await tokens.getToken()).accessToken).toBe('opaque-token');
    expect(requestedScopes(scene)).toEqual([SUPPORTED.join(' '), SUPPORTED.join(' '), null]);
  });

  it('give the request without them only what is left of the time', async () => {
    const { scene } = await setUp({ clientScopes: ['deploy:read'] });
    const tokens = createTokenSource({
      ...scene.options,
      timeoutMilliseconds: 1000,
      fetch: async (url, init) => {
        if (url === scene.authority.tokenEndpoint) await sleep(600);
        return fetch(url, init);
      },
    });
    expect(await failureOf(tokens.getToken())).toMatchObject({
      code: 'timeout',
      step: 'token_request',
      expected: 'an answer within 1000 ms in all',
    });
    expect(requestedScopes(scene)[0]).toBe(SUPPORTED.join(' '));
  });

  it.each(['invalid_client', 'invalid_target', 'unauthorized_client'])(
    'are not left out after another refusal, such as %s',
    async (error) => {
      const { scene, tokens } = await setUp();
      scene.authority.endpoints.token.answerWith({ status: 400, json: { error } });
      expect((await failureOf(tokens.getToken())).code).toBe(error);
      expect(requestedScopes(scene)).toEqual([SUPPORTED.join(' ')]);
    },
  );
});

describe('the refusal of scopes is final, without another request,', () => {
  it('where the scopes are configured', async () => {
    const { scene } = await setUp();
    const tokens = createTokenSource({ ...scene.options, scopes: ['deploy:read'] });
    scene.authority.endpoints.token.answerWith(invalidScope);
    expect(await failureOf(tokens.getToken())).toMatchObject({ code: 'invalid_scope' });
    expect(requestedScopes(scene)).toEqual(['deploy:read']);
  });

  it('where the server demands them of a call without a token', async () => {
    const { scene, tokens } = await setUp();
    scene.challenge = { scope: 'deploy:read' };
    scene.authority.endpoints.token.answerWith(invalidScope);
    expect(await failureOf(tokens.getToken())).toMatchObject({ code: 'invalid_scope' });
    expect(requestedScopes(scene)).toEqual(['deploy:read']);
  });

  it('where the server demands them as it refuses a token', async () => {
    const { scene, tokens } = await setUp();
    const token = await tokens.getToken();
    scene.authority.endpoints.token.answerWith(invalidScope);
    const challenge = { scheme: 'Bearer', parameters: { scope: 'deploy:list' } };
    await failureOf(tokens.reportRefused(token, { status: 401, challenge }));
    expect(requestedScopes(scene)).toEqual([SUPPORTED.join(' '), `${SUPPORTED.join(' ')} deploy:list`]);
  });

  it('where they are demanded only by a later discovery', async () => {
    const { scene, tokens } = await setUp();
    await tokens.getToken();
    scene.challenge = { scope: 'deploy:list' };
    scene.authority.endpoints.token.answerWith(invalidScope);
    scene.authority.advanceSeconds(4000);
    expect(await failureOf(tokens.getToken())).toMatchObject({ code: 'invalid_scope' });
    expect(requestedScopes(scene)).toEqual([SUPPORTED.join(' '), 'deploy:list']);
  });

  it('where none were requested', async () => {
    const { scene, tokens } = await setUp();
    scene.metadata.scopes_supported = ['offline_access'];
    scene.authority.endpoints.token.answerWith(invalidScope);
    expect(await failureOf(tokens.getToken())).toMatchObject({ code: 'invalid_scope' });
    expect(requestedScopes(scene)).toEqual([null]);
  });

  it('in a step-up, which takes nothing away from later requests either', async () => {
    const { scene, tokens } = await setUp({ clientScopes: SUPPORTED });
    expect((await authorizedFetch(tokens)(`${scene.resource}/deploy:list`)).status).toBe(403);
    expect(scene.acquisitions()).toEqual(['cold success', 'step-up failure']);
    expect(requestedScopes(scene)).toEqual([SUPPORTED.join(' '), `${SUPPORTED.join(' ')} deploy:list`]);
    scene.authority.advanceSeconds(400);
    await tokens.getToken();
    expect(requestedScopes(scene)[2]).toBe(SUPPORTED.join(' '));
  });
});
