import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  authorizedFetch,
  createDpop,
  createMemoryTokenStore,
  createTokenSources,
  tokenExchange,
  type TokenEvent,
  type TokenSourcesOptions,
} from '../../src/client/index.ts';
import { startLoopbackServer } from '../loopback-server.ts';
import { failureOf } from './acquisition-failure.ts';
import { createScene, tokenRequests, type Scene } from './scene.ts';

/** A client of the scene's authority, and as many MCP servers as are wanted, each on its own path of one host. */
async function setUp(options: Partial<TokenSourcesOptions> = {}) {
  const scene = await createScene();
  const seen: { path: string; authorization: string | undefined }[] = [];
  const server = await startLoopbackServer(({ url, headers }) => {
    const wellKnown = '/.well-known/oauth-protected-resource';
    if (url.startsWith(wellKnown)) {
      const resource = `${server.origin}${url.slice(wellKnown.length)}`;
      return { json: { resource, authorization_servers: [scene.authority.issuer] } };
    }
    seen.push({ path: url, authorization: headers.authorization });
    return headers.authorization === undefined ? { status: 401 } : { json: {} };
  });
  const { resource: _resource, ...client } = scene.options;
  const sources = createTokenSources({ ...client, ...options });
  return { scene, sources, server, seen, resourceOf: (path: string) => `${server.origin}${path}` };
}

const asMetadata = (scene: Scene) => scene.authority.endpoints.metadata.requests;

describe('the sources of one client', () => {
  it('give every server its own token, and no server that of another', async () => {
    const { sources, seen, resourceOf } = await setUp();
    const fetch = authorizedFetch(sources);
    for (const path of ['/a', '/b', '/b/deeper', '/bc']) sources.sourceFor(resourceOf(path));
    for (const path of ['/a', '/a/x', '/b', '/b/deeper', '/b/deeper/x', '/bc']) await fetch(resourceOf(path));
    const audiences = seen
      .filter(({ authorization }) => authorization !== undefined)
      .map(({ path, authorization = '' }) => [
        path,
        new URL(String(decodeJwt(authorization.slice(7)).aud)).pathname,
      ]);
    expect(audiences).toEqual([
      ['/a', '/a'],
      ['/a/x', '/a'],
      ['/b', '/b'],
      ['/b/deeper', '/b/deeper'],
      ['/b/deeper/x', '/b/deeper'],
      ['/bc', '/bc'],
    ]);
  });

  it('let a request to a server that nobody asked for pass untouched', async () => {
    const { sources, seen, resourceOf } = await setUp();
    sources.sourceFor(resourceOf('/a'));
    await authorizedFetch(sources)(resourceOf('/other'));
    expect(seen).toEqual([{ path: '/other', authorization: undefined }]);
  });

  it('are the same one for the same server, and others for other scopes', async () => {
    const { sources, resourceOf } = await setUp();
    const first = sources.sourceFor(resourceOf('/a'), { scopes: ['read', 'write'] });
    expect(sources.sourceFor(resourceOf('/a'), { scopes: ['write', 'read', 'read'] })).toBe(first);
    expect(sources.sourceFor(resourceOf('/a'), { scopes: ['read'] })).not.toBe(first);
    expect(sources.sourceFor(resourceOf('/b'), { scopes: ['read', 'write'] })).not.toBe(first);
  });

  it('ask for the metadata of the authorization server once for all servers', async () => {
    const { scene, sources, resourceOf } = await setUp();
    const paths = Array.from({ length: 20 }, (_, index) => `/server-${index}`);
    await Promise.all(paths.map((path) => sources.sourceFor(resourceOf(path)).getToken()));
    expect(asMetadata(scene)).toHaveLength(1);
    expect(tokenRequests(scene)).toHaveLength(20);
  });

  it('meet an outage once, not once a server, and one at a time tries whether it is over', async () => {
    const { scene, sources, resourceOf } = await setUp();
    const tokens = Array.from({ length: 20 }, (_, index) =>
      sources.sourceFor(resourceOf(`/server-${index}`)),
    );
    scene.authority.endpoints.token.answerWith({ status: 503 });
    const first = await failureOf(sources.sourceFor(resourceOf('/first')).getToken());
    const failures = await Promise.all(tokens.map((source) => failureOf(source.getToken())));
    expect(tokenRequests(scene)).toHaveLength(1);
    expect(failures.map(({ code, resource, retryAt }) => [code, resource, retryAt])).toEqual(
      tokens.map(({ resource }) => ['unavailable', resource, first.retryAt]),
    );
    scene.authority.advanceSeconds(2);
    await Promise.all(tokens.map((source) => failureOf(source.getToken())));
    expect(tokenRequests(scene)).toHaveLength(2);
    scene.authority.endpoints.token.recover();
    scene.authority.advanceSeconds(4);
    await Promise.allSettled(tokens.map((source) => source.getToken()));
    await Promise.all(tokens.map((source) => source.getToken()));
    expect(tokenRequests(scene)).toHaveLength(22);
  });

  it('meet a refused credential once, not once a server', async () => {
    const { scene, sources, resourceOf } = await setUp();
    scene.authority.endpoints.token.answerWith({ status: 401, json: { error: 'invalid_client' } });
    await failureOf(sources.sourceFor(resourceOf('/first')).getToken());
    for (let index = 0; index < 20; index++) {
      const failure = await failureOf(sources.sourceFor(resourceOf(`/server-${index}`)).getToken());
      expect(failure).toMatchObject({ code: 'invalid_client', retryAt: expect.any(Date) });
    }
    expect(tokenRequests(scene)).toHaveLength(1);
  });

  it('do not stop for one server that the client may not have', async () => {
    const { scene, sources, resourceOf } = await setUp();
    scene.authority.endpoints.token.answerWith(
      { status: 400, json: { error: 'invalid_target' } },
      { times: 1 },
    );
    expect(await failureOf(sources.sourceFor(resourceOf('/a')).getToken())).toMatchObject({
      code: 'invalid_target',
    });
    await expect(sources.sourceFor(resourceOf('/b')).getToken()).resolves.toMatchObject({
      resource: resourceOf('/b'),
    });
  });

  it('are forgotten when there are too many, and find their token again in the store', async () => {
    const { scene, sources, resourceOf } = await setUp({ maxSources: 2 });
    const first = sources.sourceFor(resourceOf('/a'));
    const token = await first.getToken();
    for (const path of ['/b', '/c']) await sources.sourceFor(resourceOf(path)).getToken();
    const again = sources.sourceFor(resourceOf('/a'));
    expect(again).not.toBe(first);
    expect((await again.getToken()).accessToken).toBe(token.accessToken);
    expect(tokenRequests(scene)).toHaveLength(3);
    expect(sources.find(new URL(resourceOf('/b')))).toBeUndefined();
    expect(sources.find(new URL(resourceOf('/a/x')))).toBe(again);
  });
});

describe('one store for several objects', () => {
  const shared = async (options: (index: number) => Partial<TokenSourcesOptions>) => {
    const store = createMemoryTokenStore();
    const { scene, server } = await setUp();
    const { resource: _resource, ...client } = scene.options;
    const events: TokenEvent[] = [];
    const resource = `${server.origin}/a`;
    const objects = [0, 1].map((index) =>
      createTokenSources({
        ...client,
        store,
        onEvent: (event) => events.push(event),
        ...options(index),
      }).sourceFor(resource),
    );
    const [first, second] = await Promise.all(objects.map((source) => source.getToken()));
    return { scene, objects, events, first, second };
  };

  it('obtains one token for them, and says who only took it', async () => {
    const { scene, first, second, events } = await shared(() => ({}));
    expect(second?.accessToken).toBe(first?.accessToken);
    expect(tokenRequests(scene)).toHaveLength(1);
    expect(events.map(({ type }) => type).toSorted()).toEqual(['token_request', 'token_shared']);
  });

  it('renews it once for them', async () => {
    const { scene, objects } = await shared(() => ({}));
    scene.authority.advanceSeconds(290);
    const [first, second] = await Promise.all(objects.map((source) => source.getToken()));
    expect(second?.accessToken).toBe(first?.accessToken);
    expect(tokenRequests(scene)).toHaveLength(2);
  });

  it('replaces a token that a server has refused, and does not take it out of the store again', async () => {
    const { scene, objects, first } = await shared(() => ({}));
    const [source, other] = objects;
    const next = await source?.reportRefused(first!, { status: 401 });
    expect(next?.accessToken).not.toBe(first?.accessToken);
    expect(tokenRequests(scene)).toHaveLength(2);
    expect((await other?.reportRefused(first!, { status: 401 }))?.accessToken).toBe(next?.accessToken);
    expect(tokenRequests(scene)).toHaveLength(2);
  });

  it.each<[string, (index: number) => Partial<TokenSourcesOptions>]>([
    ['scopes', (index) => ({ scopes: [`scope-${index}`] })],
    ['further parameters', (index) => ({ tokenParameters: { audience: `audience-${index}` } })],
    ['keys', () => ({ dpop: createDpop() })],
  ])('keeps the tokens of other %s apart', async (_, options) => {
    const { scene, first, second } = await shared(options);
    expect(second?.accessToken).not.toBe(first?.accessToken);
    expect(tokenRequests(scene)).toHaveLength(2);
  });
});

describe('the sources of a server that acts for its callers', () => {
  it('never give one caller the token of another', async () => {
    const { sources, resourceOf, scene } = await setUp();
    scene.authority.endpoints.token.answerWith(({ body }) => {
      const form = new URLSearchParams(body);
      return {
        json: {
          access_token: `for-${form.get('subject_token')}`,
          issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          token_type: 'Bearer',
          expires_in: 300,
        },
      };
    });
    scene.authority.setMetadata({ grant_types_supported: undefined });
    const tokenFor = (caller: string) =>
      sources.sourceFor(resourceOf('/a'), { grant: tokenExchange({ subjectToken: caller }) }).getToken();
    const callers = ['alice', 'bob', 'alice', 'carol', 'bob'];
    const obtained = await Promise.all(callers.map(tokenFor));
    expect(obtained.map(({ accessToken }) => accessToken)).toEqual(callers.map((caller) => `for-${caller}`));
    expect(tokenRequests(scene)).toHaveLength(3);
    expect(sources.find(new URL(resourceOf('/a')))).toBeUndefined();
  });
});

it('a source takes the newer token of its subject', async () => {
  const { sources, resourceOf, scene } = await setUp();
  scene.authority.setMetadata({ grant_types_supported: undefined });
  scene.authority.endpoints.token.answerWith({
    json: {
      access_token: 'short-lived',
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      token_type: 'Bearer',
      expires_in: 10,
    },
  });
  const tokenWith = (subjectToken: string) =>
    sources
      .sourceFor(resourceOf('/a'), { grant: tokenExchange({ subjectToken, subject: 'alice' }) })
      .getToken();
  await tokenWith('first');
  await tokenWith('second');
  scene.authority.advanceSeconds(20);
  await tokenWith('third');
  expect(tokenRequests(scene).map((form) => form.get('subject_token'))).toEqual(['first', 'third']);
});

it('a source that requests go through is not the one that is forgotten', async () => {
  const { sources, resourceOf } = await setUp({ maxSources: 2 });
  const fetch = authorizedFetch(sources);
  for (const path of ['/busy', '/b', '/c', '/d']) {
    sources.sourceFor(resourceOf(path));
    expect((await fetch(resourceOf('/busy'))).status).toBe(200);
  }
});

it('the default store goes by the clock that is given', async () => {
  const { scene, server } = await setUp();
  const { resource: _resource, ...client } = scene.options;
  const past = 1_000_000_000_000;
  const sources = createTokenSources({ ...client, now: () => past, maxSources: 1, store: undefined });
  const first = await sources.sourceFor(`${server.origin}/a`).getToken();
  await sources.sourceFor(`${server.origin}/b`).getToken();
  expect((await sources.sourceFor(`${server.origin}/a`).getToken()).accessToken).toBe(first.accessToken);
  expect(tokenRequests(scene)).toHaveLength(2);
});

describe('the arguments of createTokenSources', () => {
  it.each([
    [{ maxSources: 0 }, /^maxSources must be a whole number/],
    [{ resource: 'https://mcp.example.com' }, /unknown option "resource"/],
    [{ store: {} }, /^store must be/],
    [{ dpop: true }, /^dpop must be/],
    [{ grant: 'client_credentials' }, /^grant must be/],
  ])('are refused in words: %j', async (wrong, message) => {
    const { scene } = await setUp();
    const { resource: _resource, ...client } = scene.options;
    expect(() => createTokenSources({ ...client, ...(wrong as object) })).toThrow(message);
  });
});

describe('a source that is found again and again', () => {
  it('gives way to a longer one that was asked for since', async () => {
    const { sources, resourceOf } = await setUp();
    const deep = new URL(resourceOf('/a/b/c'));
    const short = sources.sourceFor(resourceOf('/a'));
    for (let time = 0; time < 2; time++) expect(sources.find(deep)).toBe(short);
    const long = sources.sourceFor(resourceOf('/a/b'));
    for (let time = 0; time < 2; time++) expect(sources.find(deep)).toBe(long);
  });

  it('is not found when it has been forgotten, and stays for as long as it is', async () => {
    const { sources, resourceOf } = await setUp({ maxSources: 2 });
    const [busy, idle] = [new URL(resourceOf('/busy')), new URL(resourceOf('/idle'))];
    const found = sources.sourceFor(busy);
    sources.sourceFor(idle);
    for (let index = 0; index < 5; index++) {
      expect(sources.find(busy)).toBe(found);
      sources.sourceFor(resourceOf(`/other-${index}`));
    }
    expect(sources.find(idle)).toBeUndefined();
    expect(sources.find(busy)).toBe(found);
    for (let index = 0; index < 2; index++) {
      sources.sourceFor(resourceOf('/more'), { grant: tokenExchange({ subjectToken: `caller-${index}` }) });
    }
    expect(sources.find(busy)).toBeUndefined();
  });
});
