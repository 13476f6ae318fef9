import { once } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  authorizedFetch,
  createMemoryTokenStore,
  createTokenSource,
  createTokenSources,
  type TokenSource,
} from '../../src/client/index.ts';
import { createScene, tokenRequests, type Scene } from './scene.ts';

const LEFT = new Error('the caller has left');

/** Callers who ask together; all but the last leave once the token request is under way. */
async function askAndLeave(scene: Scene, tokens: TokenSource, count = 50) {
  const release = scene.authority.endpoints.token.hold();
  const before = tokenRequests(scene).length;
  const callers = Array.from({ length: count }, () => new AbortController());
  const asking = callers.map(({ signal }) => tokens.getToken({ signal }));
  const settled = Promise.allSettled(asking);
  await vi.waitFor(() => expect(tokenRequests(scene)).toHaveLength(before + 1));
  for (const caller of callers.slice(0, -1)) caller.abort(LEFT);
  return { last: callers.at(-1), asking, settled, release };
}

/** Rejections that nobody handles, until the test has finished. */
function watchRejections(): unknown[] {
  const seen: unknown[] = [];
  const listener = (reason: unknown): number => seen.push(reason);
  process.on('unhandledRejection', listener);
  onTestFinished(() => void process.off('unhandledRejection', listener));
  return seen;
}

const stores = [
  ['a source with a memory of its own', () => undefined],
  ['a source with a shared store', () => createMemoryTokenStore()],
] as const;

describe.each(stores)('%s', (_, createStore) => {
  const create = async () => {
    const scene = await createScene();
    return { scene, tokens: createTokenSource({ ...scene.options, store: createStore() }) };
  };

  it('lets 49 of 50 callers leave at once, and gives the last its token', async () => {
    const { scene, tokens } = await create();
    const { asking, settled, release } = await askAndLeave(scene, tokens);
    await Promise.all(asking.slice(0, -1).map((asked) => expect(asked).rejects.toBe(LEFT)));
    release();
    expect((await settled).at(-1)).toMatchObject({ status: 'fulfilled', value: { tokenType: 'Bearer' } });
    expect(tokenRequests(scene)).toHaveLength(1);
    expect(scene.acquisitions()).toEqual(['cold success']);
  });

  it('finishes for the next caller what everybody has left', async () => {
    const { scene, tokens } = await create();
    const rejections = watchRejections();
    const { last, settled, release } = await askAndLeave(scene, tokens);
    last?.abort(LEFT);
    expect((await settled).every(({ status }) => status === 'rejected')).toBe(true);
    release();
    await vi.waitFor(() => expect(scene.acquisitions()).toEqual(['cold success']));
    await tokens.getToken();
    expect(tokenRequests(scene)).toHaveLength(1);
    expect(rejections).toEqual([]);
  });

  it('tells nobody of a failure that everybody has left, and the process goes on', async () => {
    const { scene, tokens } = await create();
    const rejections = watchRejections();
    const { last, settled, release } = await askAndLeave(scene, tokens);
    last?.abort(LEFT);
    await settled;
    scene.authority.goDown();
    release();
    await vi.waitFor(() => expect(scene.acquisitions()).toEqual(['cold failure']));
    await new Promise(setImmediate);
    expect(rejections).toEqual([]);
  });

  it('asks for nothing on behalf of a caller who has left before', async () => {
    const { scene, tokens } = await create();
    await expect(tokens.getToken({ signal: AbortSignal.abort(LEFT) })).rejects.toBe(LEFT);
    expect(scene.requests).toEqual([]);
  });

  it('lets a caller leave at the end of a token, who then does not get the last seconds of the old one', async () => {
    const { scene, tokens } = await create();
    await tokens.getToken();
    scene.authority.advanceSeconds(290);
    const { asking, settled, release } = await askAndLeave(scene, tokens, 2);
    await expect(asking[0]).rejects.toBe(LEFT);
    release();
    expect((await settled)[1]).toMatchObject({ status: 'fulfilled' });
    expect(tokenRequests(scene)).toHaveLength(2);
  });

  it.each([
    ['a renewal after a 401', 401],
    ['a step-up', 403],
  ])('lets a request leave during %s, which goes on for the others', async (_name, status) => {
    const { scene, tokens } = await create();
    const fetch = authorizedFetch(tokens);
    const token = await tokens.getToken();
    const url = status === 403 ? `${scene.resource}/deploy:write` : scene.resource;
    if (status === 401) scene.revoked.add(token.accessToken);
    const release = scene.authority.endpoints.token.hold();
    const caller = new AbortController();
    const leaving = fetch(url, { signal: caller.signal });
    const staying = fetch(url);
    await vi.waitFor(() => expect(tokenRequests(scene)).toHaveLength(2));
    await vi.waitFor(() => expect(scene.calls()).toHaveLength(2));
    caller.abort(LEFT);
    await expect(leaving).rejects.toBe(LEFT);
    release();
    expect((await staying).status).toBe(200);
    expect(tokenRequests(scene)).toHaveLength(2);
  });
});

describe('several objects with one store', () => {
  it('do not fail with the callers of the one that asks', async () => {
    const scene = await createScene();
    const { resource, ...client } = scene.options;
    const store = createMemoryTokenStore();
    const [asking, waiting] = [0, 1].map(() => createTokenSources({ ...client, store }).sourceFor(resource));
    const release = scene.authority.endpoints.token.hold();
    const caller = new AbortController();
    const left = asking?.getToken({ signal: caller.signal });
    await vi.waitFor(() => expect(tokenRequests(scene)).toHaveLength(1));
    const others = Array.from({ length: 20 }, async () => waiting?.getToken());
    caller.abort(LEFT);
    await expect(left).rejects.toBe(LEFT);
    release();
    expect(new Set((await Promise.all(others)).map((token) => token?.accessToken)).size).toBe(1);
    expect(tokenRequests(scene)).toHaveLength(1);
  });

  it('let a caller leave who waits for another object', async () => {
    const scene = await createScene();
    const { resource, ...client } = scene.options;
    const store = createMemoryTokenStore();
    const [asking, waiting] = [0, 1].map(() => createTokenSources({ ...client, store }).sourceFor(resource));
    const release = scene.authority.endpoints.token.hold();
    const first = asking?.getToken();
    await vi.waitFor(() => expect(tokenRequests(scene)).toHaveLength(1));
    const caller = new AbortController();
    const left = waiting?.getToken({ signal: caller.signal });
    const aborted = once(caller.signal, 'abort');
    caller.abort(LEFT);
    await aborted;
    await expect(left).rejects.toBe(LEFT);
    release();
    expect((await waiting?.getToken())?.accessToken).toBe((await first)?.accessToken);
    expect(tokenRequests(scene)).toHaveLength(1);
  });
});
