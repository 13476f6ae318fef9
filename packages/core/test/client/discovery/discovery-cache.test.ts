import { expect, it } from 'vitest';
import { authorizedFetch, createTokenSource, type TokenSourceOptions } from '../../../src/client/index.ts';
import { failureOf } from '../acquisition-failure.ts';
import { createScene, type Scene } from '../scene.ts';

const METADATA = '/.well-known/oauth-protected-resource/mcp';
const asked = (scene: Scene) => scene.requests.filter(({ url }) => url === METADATA).length;

async function setUp(options?: Partial<TokenSourceOptions>) {
  const scene = await createScene({ accessTokenLifetimeSeconds: 3600 });
  const tokens = createTokenSource({ ...scene.options, ...options });
  const fetch = authorizedFetch(tokens);
  /** Has the server refuse the token in use, with its usual challenge. */
  const callWithRevoked = async () => {
    scene.revoked.add((await tokens.getToken()).accessToken);
    return fetch(scene.resource);
  };
  return { scene, tokens, callWithRevoked };
}

it('a 401 that names the known address has the metadata fetched anew, once a minute', async () => {
  const { scene, callWithRevoked } = await setUp();
  await callWithRevoked();
  expect(asked(scene)).toBe(1);
  scene.authority.advanceSeconds(60);
  await callWithRevoked();
  expect(asked(scene)).toBe(2);
  scene.authority.advanceSeconds(20);
  await callWithRevoked();
  expect(asked(scene)).toBe(2);
  scene.authority.advanceSeconds(40);
  await callWithRevoked();
  expect(asked(scene)).toBe(3);
});

it('what has changed in the metadata counts from then on', async () => {
  const { scene, tokens, callWithRevoked } = await setUp();
  await tokens.getToken();
  scene.authority.advanceSeconds(60);
  scene.metadata.scopes_supported = ['deploy:read'];
  expect((await callWithRevoked()).status).toBe(200);
  expect((await tokens.getToken()).scopes).toEqual(['deploy:read']);
  scene.authority.advanceSeconds(60);
  scene.metadata.authorization_servers = ['https://auth.example.com'];
  expect(await failureOf(callWithRevoked())).toMatchObject({ code: 'issuer_not_listed' });
});

it('what was known holds while the metadata cannot be fetched, and is asked for no more often', async () => {
  const { scene, tokens, callWithRevoked } = await setUp();
  await tokens.getToken();
  scene.authority.advanceSeconds(60);
  const { endpoints } = scene.authority;
  endpoints.metadata.goDown();
  for (let call = 0; call < 3; call++) expect((await callWithRevoked()).status).toBe(200);
  expect(asked(scene)).toBe(2);
});

it('metadata that hangs leaves time for the token request', async () => {
  const { scene, tokens, callWithRevoked } = await setUp({ timeoutMilliseconds: 1000 });
  await tokens.getToken();
  scene.authority.advanceSeconds(60);
  scene.authority.endpoints.metadata.hang();
  expect((await callWithRevoked()).status).toBe(200);
});
