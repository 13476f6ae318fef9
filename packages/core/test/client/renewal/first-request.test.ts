import type { EndpointAnswer } from '@mcp-m2m/testing';
import { describe, expect, it, vi } from 'vitest';
import {
  clientSecretBasic,
  createMemoryTokenStore,
  createTokenSource,
  type TokenSource,
  type TokenStore,
} from '../../../src/client/index.ts';
import { failureOf } from '../acquisition-failure.ts';
import { createScene, SECRET, tokenRequests } from '../scene.ts';
import { createClientScene } from './client-scene.ts';

const wrong = clientSecretBasic({ clientSecret: 'of last year' });

const sourcesOf = (sourceOf: (path: string) => TokenSource, count: number): TokenSource[] =>
  Array.from({ length: count }, (_, index) => sourceOf(`/server-${index}`));

describe('many cold servers of one client', () => {
  it('send a wrong credential once, and all fail with its refusal', async () => {
    const { scene, createClient } = await createClientScene();
    const sources = sourcesOf(createClient({ authentication: wrong }), 50);
    const failures = await Promise.all(sources.map((source) => failureOf(source.getToken())));
    expect(failures.map(({ code, resource }) => [code, resource])).toEqual(
      sources.map(({ resource }) => ['invalid_client', resource]),
    );
    for (const { retryAt } of failures) expect(retryAt).toEqual(failures[0]?.retryAt);
    expect(tokenRequests(scene)).toHaveLength(1);
    // Those that were not let in have made no attempt.
    expect(scene.acquisitions()).toEqual(['cold failure']);
  });

  it('try each of several wrong credentials once', async () => {
    const { scene, createClient } = await createClientScene();
    const authentication = [wrong, clientSecretBasic({ clientSecret: 'of the year before' })];
    const sources = sourcesOf(createClient({ authentication }), 20);
    await Promise.all(sources.map((source) => failureOf(source.getToken())));
    expect(tokenRequests(scene)).toHaveLength(2);
  });

  it('go on with the credential that worked for the first, all at once', async () => {
    const { scene, createClient } = await createClientScene();
    const right = clientSecretBasic({ clientSecret: SECRET });
    const sources = sourcesOf(createClient({ authentication: [wrong, right] }), 20);
    await Promise.all(sources.map((source) => source.getToken()));
    expect(tokenRequests(scene)).toHaveLength(21);
  });

  it.each<[string, EndpointAnswer | undefined]>([
    ['a token', undefined],
    ['a refusal of its own server', { status: 400, json: { error: 'invalid_target' } }],
    ['an answer that is none', { json: { token: 'none' } }],
  ])('go on at once when the first has got %s', async (_, first) => {
    const { scene, createClient } = await createClientScene();
    const memory = createMemoryTokenStore();
    let claimed = 0;
    const store: TokenStore = {
      read: (key) => memory.read(key),
      compareAndSet: (...change) => {
        claimed += 1;
        return memory.compareAndSet(...change);
      },
    };
    const sources = sourcesOf(createClient({ store }), 10);
    const firstMayGo = Promise.withResolvers<void>();
    const allAreThere = Promise.withResolvers<void>();
    scene.authority.endpoints.token.answerWith(async ({ body }) => {
      const count = tokenRequests(scene).length;
      // Nine at the same time: none waits for another any more.
      if (count === 10) allAreThere.resolve();
      await (count === 1 ? firstMayGo : allAreThere).promise;
      if (count === 1 && first !== undefined) return first;
      const aud = new URLSearchParams(body).get('resource') ?? '';
      return {
        json: { access_token: scene.authority.mint({ aud }), token_type: 'Bearer', expires_in: 300 },
      };
    });
    const obtained = Promise.allSettled(sources.map((source) => source.getToken()));
    // All have claimed their renewal, and so wait for their turn.
    await vi.waitFor(() => expect([tokenRequests(scene).length, claimed]).toEqual([1, 10]));
    firstMayGo.resolve();
    const outcomes = (await obtained).map(({ status }) => status);
    expect(outcomes.filter((status) => status === 'fulfilled')).toHaveLength(first === undefined ? 10 : 9);
  });

  it('do not wait for one whose own assertion or MCP server takes its time', async () => {
    const { scene, createClient, hanging } = await createClientScene();
    const sourceOf = createClient({ timeoutMilliseconds: 1000 });
    hanging.add('/slow');
    const slow = failureOf(sourceOf('/slow').getToken());
    await Promise.all(sourcesOf(sourceOf, 5).map((source) => source.getToken()));
    expect(tokenRequests(scene)).toHaveLength(5);
    expect(await slow).toMatchObject({ code: 'timeout', step: 'protected_resource_metadata' });
  });

  it('share the outage that the first meets', async () => {
    const { scene, createClient } = await createClientScene();
    scene.authority.endpoints.token.answerWith({ status: 503 });
    const sources = sourcesOf(createClient(), 20);
    const failures = await Promise.all(sources.map((source) => failureOf(source.getToken())));
    expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['unavailable']));
    expect(tokenRequests(scene)).toHaveLength(1);
  });

  it('end within the time budget where the first one hangs, all of them', async () => {
    const { scene, createClient } = await createClientScene();
    scene.authority.endpoints.token.hang();
    const sources = sourcesOf(createClient({ timeoutMilliseconds: 500 }), 10);
    const failures = await Promise.all(sources.map((source) => failureOf(source.getToken())));
    expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['timeout']));
    expect(new Set(failures.map(({ step }) => step))).toEqual(new Set(['token_request']));
    expect(tokenRequests(scene)).toHaveLength(1);
  });

  it('end within their own time where the first one still has some, and stop nobody by that', async () => {
    const { scene, createClient, delayed } = await createClientScene();
    const sourceOf = createClient({ timeoutMilliseconds: 1500 });
    const slowMetadata = Promise.withResolvers<void>();
    delayed.set('/slow', slowMetadata.promise);
    const slow = failureOf(sourceOf('/slow').getToken());
    await new Promise((resolve) => setTimeout(resolve, 900));
    const release = scene.authority.endpoints.token.hold();
    const first = sourceOf('/a').getToken();
    await vi.waitFor(() => expect(tokenRequests(scene)).toHaveLength(1));
    slowMetadata.resolve();
    expect(await slow).toMatchObject({
      code: 'timeout',
      step: 'token_request',
      received: 'none yet to the first request of this client, which the others wait for',
    });
    const third = sourceOf('/b').getToken();
    release();
    await Promise.all([first, third]);
    expect(tokenRequests(scene)).toHaveLength(2);
  });

  it('let a caller leave who waits for the first, and go on for the others', async () => {
    const { scene, createClient } = await createClientScene();
    const sourceOf = createClient();
    const release = scene.authority.endpoints.token.hold();
    const first = sourceOf('/a').getToken();
    await vi.waitFor(() => expect(tokenRequests(scene)).toHaveLength(1));
    const caller = new AbortController();
    const leaving = sourceOf('/b').getToken({ signal: caller.signal });
    const staying = sourceOf('/b').getToken();
    const reason = new Error('the caller has left');
    caller.abort(reason);
    await expect(leaving).rejects.toBe(reason);
    release();
    await Promise.all([first, staying]);
    expect(tokenRequests(scene)).toHaveLength(2);
  });

  it('are not kept waiting by a first request that everybody has left', async () => {
    const { scene, createClient } = await createClientScene();
    const sourceOf = createClient();
    const release = scene.authority.endpoints.token.hold();
    const caller = new AbortController();
    const first = sourceOf('/a').getToken({ signal: caller.signal });
    await vi.waitFor(() => expect(tokenRequests(scene)).toHaveLength(1));
    const reason = new Error('the caller has left');
    caller.abort(reason);
    await expect(first).rejects.toBe(reason);
    const second = sourceOf('/b').getToken();
    release();
    await expect(second).resolves.toBeDefined();
  });

  it('send a credential that has been changed once, too, and go on with it', async () => {
    const { scene, createClient } = await createClientScene();
    let secret = 'of last year';
    const authentication = clientSecretBasic({ clientSecret: () => secret });
    const sources = sourcesOf(createClient({ authentication }), 20);
    const askAll = () => Promise.allSettled(sources.map((source) => source.getToken()));
    await askAll();
    expect(tokenRequests(scene)).toHaveLength(1);
    secret = 'of the year before';
    scene.authority.advanceSeconds(2);
    await askAll();
    expect(tokenRequests(scene)).toHaveLength(2);
    secret = SECRET;
    scene.authority.advanceSeconds(2);
    expect(new Set((await askAll()).map(({ status }) => status))).toEqual(new Set(['fulfilled']));
    expect(tokenRequests(scene)).toHaveLength(22);
  });
});

it('a credential that worked and was then changed twice to a wrong one is sent once for the second', async () => {
  const { scene, createClient } = await createClientScene();
  let secret = SECRET;
  const authentication = clientSecretBasic({ clientSecret: () => secret });
  const sourceOf = createClient({ authentication });
  await sourceOf('/before').getToken();
  secret = 'of last year';
  await failureOf(sourceOf('/first').getToken());
  expect(tokenRequests(scene)).toHaveLength(2);
  secret = 'of the year before';
  scene.authority.advanceSeconds(2);
  await Promise.all(sourcesOf(sourceOf, 20).map((source) => failureOf(source.getToken())));
  expect(tokenRequests(scene)).toHaveLength(3);
});

it('one source that guesses its scopes asks twice without waiting for itself', async () => {
  const scene = await createScene();
  scene.metadata = { ...scene.metadata, scopes_supported: ['guessed'] };
  scene.authority.endpoints.token.answerWith({ status: 400, json: { error: 'invalid_scope' } }, { times: 1 });
  await createTokenSource(scene.options).getToken();
  expect(tokenRequests(scene)).toHaveLength(2);
});
