import { expect, it, vi } from 'vitest';
import {
  createMemoryTokenStore,
  createTokenSource,
  type TokenSourceOptions,
  type TokenStore,
} from '../../../src/client/index.ts';
import { failureOf } from '../acquisition-failure.ts';
import { createScene, tokenRequests } from '../scene.ts';

/** Objects of one client that share a store, created one after the other. */
async function setUp(wrap: (store: TokenStore) => TokenStore = (store) => store) {
  const scene = await createScene();
  const store = wrap(createMemoryTokenStore({ now: scene.authority.now }));
  const create = (options: Partial<TokenSourceOptions> = {}) =>
    createTokenSource({ ...scene.options, store, ...options });
  return { scene, create };
}

it('a token near its end is left where it is, and another is obtained', async () => {
  const { scene, create } = await setUp();
  const first = await create().getToken();
  scene.authority.advanceSeconds(275);
  expect((await create().getToken()).accessToken).not.toBe(first.accessToken);
  expect(tokenRequests(scene)).toHaveLength(2);
});

it('a token of another type than the one asked for is not taken out of the store', async () => {
  const { scene, create } = await setUp((store) => ({
    read: (key) => store.read(key),
    compareAndSet: (key, version, record, options) => {
      const token = record?.token === undefined ? undefined : { ...record.token, tokenType: 'DPoP' as const };
      return store.compareAndSet(
        key,
        version,
        record === undefined ? undefined : { ...record, token },
        options,
      );
    },
  }));
  await create().getToken();
  expect(await create().getToken()).toMatchObject({ tokenType: 'Bearer' });
  expect(tokenRequests(scene)).toHaveLength(2);
});

it('the wait that a server has asked one object for is kept by the others', async () => {
  const { scene, create } = await setUp();
  scene.authority.endpoints.token.answerWith({ status: 429, headers: { 'retry-after': '60' } });
  await failureOf(create().getToken());
  const failure = await failureOf(create().getToken());
  expect(failure).toMatchObject({
    code: 'unavailable',
    resource: scene.resource,
    received: 'a refusal that another process met, "unavailable"',
  });
  expect((failure.retryAt?.getTime() ?? 0) - scene.authority.now()).toBeGreaterThan(55_000);
  expect(tokenRequests(scene)).toHaveLength(1);
});

it('a token that grants more than was asked for is reported by who obtained it', async () => {
  const { scene, create } = await setUp();
  scene.authority.endpoints.token.answerWith(() => ({
    json: {
      access_token: scene.authority.mint({ aud: scene.resource }),
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'deploy:read deploy:write',
    },
  }));
  const tokens = create({ scopes: ['deploy:read'] });
  expect((await tokens.getToken()).scopes).toEqual(['deploy:read', 'deploy:write']);
  expect((await create({ scopes: ['deploy:read'] }).getToken()).scopes).toEqual([
    'deploy:read',
    'deploy:write',
  ]);
  expect(scene.events.map(({ type }) => type)).toEqual(['token_request', 'scope_widened', 'token_shared']);
});

it('a refresh in the background takes the newer token of another object, and asks nobody', async () => {
  const { scene, create } = await setUp();
  const [one, other] = [create(), create()];
  const [first] = await Promise.all([one.getToken(), other.getToken()]);
  scene.authority.advanceSeconds(275);
  const second = await one.getToken();
  expect(second.accessToken).not.toBe(first.accessToken);
  expect((await other.getToken()).accessToken).toBe(second.accessToken);
  expect(tokenRequests(scene)).toHaveLength(2);
});

it('a refresh never goes back to an older token that is still in the store', async () => {
  let writes = 0;
  const { scene, create } = await setUp((store) => ({
    read: (key) => store.read(key),
    // The lease and the first token are kept, all that follows is lost.
    compareAndSet: (...change) => (++writes > 2 ? Promise.resolve(true) : store.compareAndSet(...change)),
  }));
  const tokens = create();
  const first = await tokens.getToken();
  scene.authority.advanceSeconds(10);
  const second = await tokens.reportRefused(first, { status: 401 });
  // The second is to be refreshed now, and the first may be used for two more seconds.
  scene.authority.advanceSeconds(258);
  await tokens.getToken();
  await vi.waitFor(() => expect(tokenRequests(scene)).toHaveLength(3));
  const third = await tokens.getToken();
  expect([first, second].map((token) => token?.accessToken)).not.toContain(third.accessToken);
});

it('a step-up does not take a token from the store that lacks what is demanded', async () => {
  const { scene, create } = await setUp();
  const [one, other] = [create(), create()];
  const [first, second] = [await one.getToken(), await other.getToken()];
  const challenge = { scheme: 'Bearer', parameters: { error: 'insufficient_scope', scope: 'deploy:write' } };
  scene.authority.endpoints.token.answerWith(
    () => ({
      json: {
        access_token: scene.authority.mint({ aud: scene.resource }),
        token_type: 'Bearer',
        expires_in: 300,
        scope: 'deploy:read',
      },
    }),
    { times: 1 },
  );
  expect(await one.reportRefused(first, { status: 403, challenge })).toBeUndefined();
  expect((await other.reportRefused(second, { status: 403, challenge }))?.scopes).toContain('deploy:write');
  expect(tokenRequests(scene)).toHaveLength(3);
});
