import { describe, expect, it } from 'vitest';
import {
  authorizedFetch,
  clientSecretBasic,
  createMemoryTokenStore,
  createTokenSource,
  type TokenSourceOptions,
  type TokenStore,
} from '../../../src/client/index.ts';
import { failureOf } from '../acquisition-failure.ts';
import { createScene, tokenRequests, trace } from '../scene.ts';
import { createClientScene } from './client-scene.ts';

/** A store that counts how often it is read. */
function createCountedStore(now: () => number): TokenStore & { reads(): number } {
  const store = createMemoryTokenStore({ now });
  let reads = 0;
  return {
    read: (key) => {
      reads += 1;
      return store.read(key);
    },
    compareAndSet: (...change) => store.compareAndSet(...change),
    reads: () => reads,
  };
}

/** Two processes of one client, as two objects that share nothing but a store. */
async function setUp() {
  const scene = await createScene();
  const store = createCountedStore(scene.authority.now);
  const create = (options: Partial<TokenSourceOptions> = {}) =>
    createTokenSource({ ...scene.options, store, ...options });
  return { scene, store, create };
}

const REFUSAL = { status: 400, json: { error: 'invalid_target' } };
const wrong = clientSecretBasic({ clientSecret: 'of last year' });

describe('a token that another process has stored while a failure stands here', () => {
  it.each<[string, (scene: Awaited<ReturnType<typeof createScene>>) => Partial<TokenSourceOptions>]>([
    [
      'an outage',
      (scene) => {
        scene.authority.endpoints.token.answerWith({ thenReset: true }, { times: 1 });
        return {};
      },
    ],
    [
      'a refusal',
      (scene) => {
        scene.authority.endpoints.token.answerWith(REFUSAL, { times: 1 });
        return {};
      },
    ],
    ['a refused credential', () => ({ authentication: wrong })],
  ])('is used: %s', async (_, prepare) => {
    const { scene, create } = await setUp();
    const tokens = create(prepare(scene));
    const failure = await failureOf(tokens.getToken());
    const { accessToken } = await create().getToken();
    expect(failure.retryAt?.getTime()).toBeGreaterThan(scene.authority.now());
    expect(await tokens.getToken()).toMatchObject({ accessToken });
    expect(await tokens.getToken()).toMatchObject({ accessToken });
    expect(tokenRequests(scene)).toHaveLength(2);
    expect(scene.events.map(({ type }) => type).at(-1)).toBe('token_shared');
  });

  it('is used by all who ask at once, and told once', async () => {
    const { scene, create } = await setUp();
    const tokens = create({ authentication: wrong });
    await failureOf(tokens.getToken());
    const { accessToken } = await create().getToken();
    const obtained = await Promise.all(Array.from({ length: 50 }, () => tokens.getToken()));
    expect(new Set(obtained.map((token) => token.accessToken))).toEqual(new Set([accessToken]));
    expect(scene.events.filter(({ type }) => type === 'token_shared')).toHaveLength(1);
  });

  it('is looked for once a second at most, however many ask', async () => {
    const { scene, store, create } = await setUp();
    const tokens = create({ authentication: wrong });
    await failureOf(tokens.getToken());
    const before = store.reads();
    for (let second = 1; second <= 3; second++) {
      for (let call = 0; call < 20; call++) await failureOf(tokens.getToken());
      expect(store.reads()).toBe(before + second);
      scene.authority.advanceSeconds(1);
    }
    const { accessToken } = await create().getToken();
    expect(await tokens.getToken()).toMatchObject({ accessToken });
  });

  it('takes the place of one near its end, in the background', async () => {
    const { scene, create } = await setUp();
    const tokens = create();
    const { accessToken: first } = await tokens.getToken();
    scene.authority.advanceSeconds(269);
    scene.authority.endpoints.token.answerWith(REFUSAL, { times: 1 });
    await tokens.getToken();
    await expect.poll(() => tokenRequests(scene).length).toBe(2);
    const other = create();
    await expect.poll(async () => (await other.getToken()).accessToken).not.toBe(first);
    const { accessToken: second } = await other.getToken();
    await expect.poll(async () => (await tokens.getToken()).accessToken).toBe(second);
    expect(tokenRequests(scene)).toHaveLength(3);
  });

  it('answers a 401, unless it is the one that was refused', async () => {
    const { scene, create } = await setUp();
    const tokens = create();
    const fetch = authorizedFetch(tokens);
    const { accessToken: first } = await tokens.getToken();
    scene.revoked.add(first);
    scene.authority.endpoints.token.answerWith(REFUSAL, { times: 1 });
    expect(await failureOf(fetch(scene.resource))).toMatchObject({ code: 'invalid_target' });
    // What is in the store now is the refused one.
    expect(await failureOf(fetch(scene.resource))).toMatchObject({ code: 'invalid_target' });
    const other = create();
    const obtained = await other.getToken();
    await other.reportRefused(obtained, { status: 401 });
    scene.authority.advanceSeconds(1);
    expect((await fetch(scene.resource)).status).toBe(200);
    expect(tokenRequests(scene)).toHaveLength(3);
  });

  it('answers a step-up, if it has the scopes demanded', async () => {
    const { scene, create } = await setUp();
    const [tokens, other] = [create(), create()];
    const challenge = {
      scheme: 'Bearer',
      parameters: { error: 'insufficient_scope', scope: 'deploy:write' },
    };
    const [first, second] = [await tokens.getToken(), await other.getToken()];
    scene.authority.endpoints.token.answerWith({ thenReset: true }, { times: 1 });
    expect(await tokens.reportRefused(first, { status: 403, challenge })).toBeUndefined();
    const steppedUp = await other.reportRefused(second, { status: 403, challenge });
    const adopted = await tokens.reportRefused(first, { status: 403, challenge });
    expect(adopted?.accessToken).toBe(steppedUp?.accessToken);
    expect(adopted?.scopes).toContain('deploy:write');
    expect(tokenRequests(scene)).toHaveLength(3);
  });
});

describe('a source that has discovered nothing yet, while a failure of its client stands,', () => {
  it('finds the token that another process has stored for its server', async () => {
    const { scene, createClient } = await createClientScene();
    const store = createMemoryTokenStore({ now: scene.authority.now });
    const sourceOf = createClient({ store, authentication: wrong });
    await failureOf(sourceOf('/first').getToken());
    const { accessToken } = await createClient({ store })('/second').getToken();
    expect(await sourceOf('/second').getToken()).toMatchObject({ accessToken });
    expect(await failureOf(sourceOf('/third').getToken())).toMatchObject({ code: 'invalid_client' });
  });

  it('finds it also while another one tries whether the outage is over', async () => {
    const { scene, createClient } = await createClientScene();
    const store = createMemoryTokenStore({ now: scene.authority.now });
    const sourceOf = createClient({ store });
    scene.authority.endpoints.token.answerWith({ thenReset: true }, { times: 1 });
    await failureOf(sourceOf('/first').getToken());
    const { accessToken } = await createClient({ store })('/second').getToken();
    scene.authority.advanceSeconds(2);
    const release = scene.authority.endpoints.token.hold();
    const probe = sourceOf('/first').getToken();
    await expect.poll(() => tokenRequests(scene).length).toBe(3);
    expect(await sourceOf('/second').getToken()).toMatchObject({ accessToken });
    expect(await failureOf(sourceOf('/third').getToken())).toMatchObject({ code: 'unreachable' });
    release();
    await expect(probe).resolves.toBeDefined();
    expect(tokenRequests(scene)).toHaveLength(3);
  });

  it('discovers once for each failure, and fails with it where its server is away', async () => {
    const { scene, createClient, hanging, discovered, resourceOf } = await createClientScene();
    const sourceOf = createClient({
      store: createMemoryTokenStore({ now: scene.authority.now }),
      authentication: wrong,
      timeoutMilliseconds: 500,
    });
    await failureOf(sourceOf('/first').getToken());
    hanging.add('/away');
    for (let call = 0; call < 5; call++) {
      expect(await failureOf(sourceOf('/away').getToken())).toMatchObject({
        code: 'invalid_client',
        resource: resourceOf('/away'),
      });
      scene.authority.advanceSeconds(2);
    }
    expect(discovered().filter((path) => path === '/away')).toHaveLength(1);
    expect(tokenRequests(scene)).toHaveLength(1);
  });
});

it('a source whose own MCP server gives no metadata asks it no sooner for a store', async () => {
  const { scene, create } = await setUp();
  scene.metadata = { resource: 'https://another.example.com' };
  const tokens = create();
  await failureOf(tokens.getToken());
  const before = trace(scene.requests);
  for (let call = 0; call < 10; call++) {
    expect(await failureOf(tokens.getToken())).toMatchObject({ code: 'metadata_mismatch' });
  }
  expect(trace(scene.requests)).toEqual(before);
});

it('adopted tokens that are refused in turn are not adopted for ever', async () => {
  const { scene, create } = await setUp();
  const tokens = create();
  const fetch = authorizedFetch(tokens);
  const { accessToken: first } = await tokens.getToken();
  scene.revoked.add(first);
  scene.authority.endpoints.token.answerWith(REFUSAL, { times: 1 });
  await failureOf(fetch(scene.resource));
  const other = create();
  const second = await other.reportRefused(await other.getToken(), { status: 401 });
  scene.revoked.add(second?.accessToken ?? '');
  scene.authority.advanceSeconds(1);
  expect((await fetch(scene.resource)).status).toBe(401);
  const third = create();
  await third.reportRefused(await third.getToken(), { status: 401 });
  scene.authority.advanceSeconds(1);
  expect((await fetch(scene.resource)).status).toBe(401);
  expect(await tokens.getToken()).toMatchObject({ accessToken: second?.accessToken });
  expect(scene.events.map(({ type }) => type)).toContain('renewal_suspended');
});

it('without a store nothing is looked for, and nobody is contacted, while a failure stands', async () => {
  const scene = await createScene();
  const tokens = createTokenSource({ ...scene.options, authentication: wrong });
  await failureOf(tokens.getToken());
  const before = trace(scene.requests);
  for (let call = 0; call < 10; call++) await failureOf(tokens.getToken());
  expect(trace(scene.requests)).toEqual(before);
  expect(tokenRequests(scene)).toHaveLength(1);
});
