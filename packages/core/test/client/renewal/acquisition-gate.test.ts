import type { EndpointAnswer } from '@mcp-m2m/testing';
import { describe, expect, it, vi } from 'vitest';
import {
  authorizedFetch,
  clientSecretBasic,
  createMemoryTokenStore,
  createTokenSource,
  createTokenSources,
  privateKeyJwt,
  tokenExchange,
  type TokenSourcesOptions,
} from '../../../src/client/index.ts';
import { startLoopbackServer } from '../../loopback-server.ts';
import { failureOf } from '../acquisition-failure.ts';
import { createScene, SECRET, tokenRequests, type Scene } from '../scene.ts';

/** A client of the scene's authority, and an MCP server on every path of one host. */
async function setUp(options: Partial<TokenSourcesOptions> = {}) {
  const scene = await createScene();
  const wellKnown = '/.well-known/oauth-protected-resource';
  /** Paths whose metadata never comes. */
  const hanging = new Set<string>();
  /** Paths without metadata. */
  const absent = new Set<string>();
  const server = await startLoopbackServer(({ url }) => {
    if (!url.startsWith(wellKnown)) return { status: 401 };
    const path = url.slice(wellKnown.length);
    if (hanging.has(path)) return () => undefined;
    if (absent.has(path)) return { status: 404 };
    const resource = `${server.origin}${path}`;
    const scopes = path === '/guessing' ? { scopes_supported: ['guessed'] } : {};
    return { json: { resource, authorization_servers: [scene.authority.issuer], ...scopes } };
  });
  const { resource: _resource, ...client } = scene.options;
  const sources = createTokenSources({ ...client, ...options });
  const sourceOf = (path: string) => sources.sourceFor(`${server.origin}${path}`);
  const many = (count: number) => Array.from({ length: count }, (_, index) => sourceOf(`/server-${index}`));
  return { scene, client, sources, sourceOf, many, hanging, absent, server };
}

/** Lets token requests wait until so many are there. */
function answerTogether(scene: Scene, count: number, answer: () => EndpointAnswer): void {
  const complete = Promise.withResolvers<void>();
  scene.authority.endpoints.token.answerWith(async () => {
    if (tokenRequests(scene).length >= count) complete.resolve();
    await complete.promise;
    return answer();
  });
}

const waitOf = ({ retryAt }: { retryAt: Date | undefined }, now: number) => (retryAt?.getTime() ?? 0) - now;

describe('an outage that many servers meet at once', () => {
  it('counts as one: the wait after it is that of a first failure', async () => {
    const { scene, many, sourceOf } = await setUp();
    // Until the credential has been taken once, one request goes first.
    await sourceOf('/before').getToken();
    answerTogether(scene, 21, () => ({ status: 503 }));
    const failures = await Promise.all(many(20).map((source) => failureOf(source.getToken())));
    expect(tokenRequests(scene)).toHaveLength(21);
    for (const failure of [...failures, await failureOf(sourceOf('/another').getToken())]) {
      expect(waitOf(failure, scene.authority.now())).toBeLessThan(2000);
    }
    expect(tokenRequests(scene)).toHaveLength(21);
  });

  it('is waited out as long as the longest Retry-After says', async () => {
    const { scene, many, sourceOf } = await setUp();
    await sourceOf('/before').getToken();
    let answered = 0;
    answerTogether(scene, 21, () => ({
      status: 429,
      headers: { 'retry-after': ++answered === 1 ? '60' : '2' },
    }));
    await Promise.all(many(20).map((source) => failureOf(source.getToken())));
    const failure = await failureOf(sourceOf('/another').getToken());
    expect(waitOf(failure, scene.authority.now())).toBeGreaterThan(55_000);
  });
});

describe('a refusal of one grant', () => {
  it.each(['unauthorized_client', 'unsupported_grant_type'])(
    'with %s stops those that ask by that grant, and no others',
    async (error) => {
      const { scene, sources, sourceOf, server } = await setUp();
      scene.authority.setMetadata({ grant_types_supported: undefined });
      scene.authority.endpoints.token.answerWith(({ body }) => {
        const form = new URLSearchParams(body);
        return form.get('grant_type') === 'client_credentials'
          ? { json: { access_token: 'own', token_type: 'Bearer', expires_in: 300 } }
          : { status: 400, json: { error } };
      });
      const actingFor = (caller: string) =>
        sources.sourceFor(`${server.origin}/a`, { grant: tokenExchange({ subjectToken: caller }) });
      expect(await failureOf(actingFor('alice').getToken())).toMatchObject({ code: error });
      expect(await failureOf(actingFor('bob').getToken())).toMatchObject({ code: error });
      expect(tokenRequests(scene)).toHaveLength(1);
      await expect(sourceOf('/b').getToken()).resolves.toMatchObject({ accessToken: 'own' });
    },
  );
});

describe('a success', () => {
  it.each(['unauthorized_client', 'invalid_client', 'invalid_target'])(
    'forgets %s: the next one is waited for as long as the first was',
    async (error) => {
      const { scene, sourceOf } = await setUp();
      const refusal = { status: 400, json: { error } };
      for (let time = 0; time < 4; time++) {
        scene.authority.endpoints.token.answerWith(refusal, { times: 1 });
        const failure = await failureOf(sourceOf('/a').getToken());
        expect(waitOf(failure, scene.authority.now())).toBeLessThan(40_000);
        scene.authority.advanceSeconds(40);
        await sourceOf('/a').getToken();
        scene.authority.advanceSeconds(301);
      }
    },
  );
});

describe('a failure, and whom it stops', () => {
  it('stops all where it is of the client: a signer that fails', async () => {
    let asked = 0;
    const sign = () => {
      asked += 1;
      throw new Error('the signer is away');
    };
    const { scene, many } = await setUp({ authentication: privateKeyJwt({ sign, algorithm: 'ES256' }) });
    for (const source of many(10)) {
      expect(await failureOf(source.getToken())).toMatchObject({
        code: 'client_authentication_failed',
        resource: source.resource,
      });
    }
    expect(asked).toBe(1);
    expect(tokenRequests(scene)).toEqual([]);
  });

  it.each<[string, string, EndpointAnswer]>([
    ['a redirect', 'redirected', { status: 302, headers: { location: 'https://other.example.com' } }],
    ['a connection that breaks', 'unreachable', { body: '{', thenReset: true }],
    ['an unknown client', 'invalid_client', { status: 401, json: { error: 'invalid_client' } }],
  ])('stops all where it is of the client: %s', async (_, code, answer) => {
    const { scene, many } = await setUp();
    scene.authority.endpoints.token.answerWith(answer);
    for (const source of many(10)) {
      const { resource } = source;
      expect(await failureOf(source.getToken())).toMatchObject({ code, resource });
    }
    expect(tokenRequests(scene)).toHaveLength(1);
  });

  it('stops nobody else where it is of one server', async () => {
    const { scene, many } = await setUp();
    for (const error of ['invalid_target', 'invalid_scope', 'invalid_grant', 'invalid_request', 'other']) {
      const [refused, ...others] = many(3);
      scene.authority.endpoints.token.answerWith({ status: 400, json: { error } }, { times: 1 });
      await failureOf(refused?.getToken() ?? Promise.resolve());
      for (const source of others) await expect(source.getToken()).resolves.toBeDefined();
      scene.authority.advanceSeconds(1000);
    }
  });
});

describe('the one that tries whether an outage is over', () => {
  it('is not one whose own MCP server keeps it waiting', async () => {
    const { scene, sourceOf, hanging } = await setUp({ timeoutMilliseconds: 2000 });
    scene.authority.endpoints.token.answerWith({ status: 503 }, { times: 1 });
    await failureOf(sourceOf('/a').getToken());
    scene.authority.advanceSeconds(2);
    hanging.add('/slow');
    const slow = sourceOf('/slow').getToken();
    await expect(sourceOf('/b').getToken()).resolves.toBeDefined();
    await expect(sourceOf('/a').getToken()).resolves.toBeDefined();
    expect(await failureOf(slow)).toMatchObject({ code: 'timeout', step: 'protected_resource_metadata' });
  });

  it('is followed by the next at once where its end says nothing of the others', async () => {
    const { scene, sourceOf } = await setUp();
    scene.authority.endpoints.token.answerWith({ status: 503 }, { times: 1 });
    await failureOf(sourceOf('/a').getToken());
    scene.authority.advanceSeconds(2);
    const refusal = { status: 400, json: { error: 'invalid_target' } };
    scene.authority.endpoints.token.answerWith(refusal, { times: 1 });
    expect(await failureOf(sourceOf('/b').getToken())).toMatchObject({ code: 'invalid_target' });
    await expect(sourceOf('/c').getToken()).resolves.toBeDefined();
  });

  it('is one alone, whatever becomes meanwhile of others that ask nobody', async () => {
    const { scene, sourceOf, absent } = await setUp();
    scene.authority.endpoints.token.answerWith({ status: 503 }, { times: 1 });
    await failureOf(sourceOf('/a').getToken());
    scene.authority.advanceSeconds(2);
    const release = scene.authority.endpoints.token.hold();
    const probe = sourceOf('/a').getToken();
    await vi.waitFor(() => expect(tokenRequests(scene)).toHaveLength(2));
    for (const path of ['/nowhere', '']) absent.add(path);
    for (const path of ['/b', '/nowhere', '/c', '/b']) {
      const source = sourceOf(path);
      const code = path === '/nowhere' ? 'metadata_not_found' : 'unavailable';
      expect(await failureOf(source.getToken())).toMatchObject({ code, resource: source.resource });
    }
    expect(tokenRequests(scene)).toHaveLength(2);
    release();
    await probe;
    await expect(sourceOf('/b').getToken()).resolves.toBeDefined();
    // Who was not let in has made no attempt, and nothing was held against anybody for it.
    expect(scene.acquisitions()).toEqual(['cold failure', 'cold failure', 'cold success', 'cold success']);
  });

  it('is followed by another after the wait that its own failure imposes', async () => {
    const { scene, sourceOf } = await setUp();
    scene.authority.endpoints.token.answerWith({ status: 503 }, { times: 2 });
    await failureOf(sourceOf('/a').getToken());
    scene.authority.advanceSeconds(2);
    const { retryAt } = await failureOf(sourceOf('/b').getToken());
    scene.authority.advanceSeconds(((retryAt?.getTime() ?? 0) - scene.authority.now()) / 1000);
    await expect(sourceOf('/c').getToken()).resolves.toBeDefined();
  });

  it('is followed by the next at once where another object had the token already', async () => {
    const store = createMemoryTokenStore();
    const { scene, client, sourceOf, server } = await setUp({ store });
    scene.authority.endpoints.token.answerWith({ status: 503 }, { times: 1 });
    await failureOf(sourceOf('/a').getToken());
    scene.authority.advanceSeconds(2);
    const { accessToken } = await createTokenSources({ ...client, store })
      .sourceFor(`${server.origin}/shared`)
      .getToken();
    expect(await sourceOf('/shared').getToken()).toMatchObject({ accessToken });
    await expect(sourceOf('/b').getToken()).resolves.toBeDefined();
  });

  it('may ask twice, where the scopes it guessed are refused', async () => {
    const { scene, sourceOf } = await setUp();
    scene.authority.endpoints.token.answerWith({ status: 503 }, { times: 1 });
    await failureOf(sourceOf('/a').getToken());
    scene.authority.advanceSeconds(2);
    scene.authority.endpoints.token.answerWith(
      { status: 400, json: { error: 'invalid_scope' } },
      { times: 1 },
    );
    await expect(sourceOf('/guessing').getToken()).resolves.toBeDefined();
    expect(tokenRequests(scene)).toHaveLength(3);
  });
});

describe('an authorization server that hangs', () => {
  const hangsFor = async (path: string) => {
    const all = await setUp({ timeoutMilliseconds: 1000 });
    const resource = `${all.server.origin}${path}`;
    const source = all.sourceOf(path);
    await source.getToken();
    all.scene.authority.advanceSeconds(4000);
    all.scene.authority.endpoints.token.answerWith(({ body }) =>
      new URLSearchParams(body).get('resource') === resource
        ? new Promise(() => undefined)
        : { json: { access_token: 'of-another', token_type: 'Bearer', expires_in: 300 } },
    );
    return { ...all, source };
  };

  it('stops all servers of the client', async () => {
    const { source, sourceOf } = await hangsFor('/a');
    expect(await failureOf(source.getToken())).toMatchObject({ code: 'timeout', step: 'token_request' });
    expect(await failureOf(sourceOf('/b').getToken())).toMatchObject({ code: 'timeout' });
  });

  it('does not stop them where the MCP server had taken the time that the request lacked', async () => {
    const { source, sourceOf, hanging } = await hangsFor('/slow');
    // It takes half of the time, and what was known before is used for the rest.
    hanging.add('/slow');
    expect(await failureOf(source.getToken())).toMatchObject({ code: 'timeout', step: 'token_request' });
    await expect(sourceOf('/quick').getToken()).resolves.toMatchObject({ accessToken: 'of-another' });
    expect((await failureOf(source.getToken())).retryAt).toBeInstanceOf(Date);
  });
});

describe('a renewal after a 401', () => {
  it('is not tried again soon where it was refused', async () => {
    const scene = await createScene();
    const tokens = createTokenSource(scene.options);
    scene.revoked.add((await tokens.getToken()).accessToken);
    scene.authority.endpoints.token.answerWith({ status: 400, json: { error: 'invalid_target' } });
    for (let call = 0; call < 20; call++) {
      const failure = await failureOf(authorizedFetch(tokens)(scene.resource));
      expect(failure).toMatchObject({ code: 'invalid_target', retryAt: expect.any(Date) as Date });
    }
    expect(tokenRequests(scene)).toHaveLength(2);
  });
});

describe('a credential that was refused', () => {
  const withRotation = async () => {
    const scene = await createScene();
    const secret = { current: SECRET };
    const authentication = clientSecretBasic({ clientSecret: () => secret.current });
    const tokens = createTokenSource({ ...scene.options, authentication });
    return { scene, secret, tokens, fetch: authorizedFetch(tokens) };
  };

  it('and was rotated to another wrong one is tried once more, however many ask', async () => {
    const { scene, secret, tokens } = await withRotation();
    for (const [requests, wrong] of ['of last year', 'of the year before', 'of long ago'].entries()) {
      secret.current = wrong;
      scene.authority.advanceSeconds(2);
      // Those who may leave come a step later.
      const asking = Array.from({ length: 50 }, (_, index) =>
        failureOf(tokens.getToken(index % 2 === 0 ? {} : { signal: new AbortController().signal })),
      );
      for (const failure of await Promise.all(asking)) expect(failure.code).toBe('invalid_client');
      for (let call = 0; call < 20; call++) await failureOf(tokens.getToken());
      expect(tokenRequests(scene)).toHaveLength(requests + 1);
    }
  });

  it('and was rotated to another wrong one stops those who were about to ask with it', async () => {
    let secret = 'of last year';
    const { scene, sourceOf, hanging } = await setUp({
      authentication: clientSecretBasic({ clientSecret: () => secret }),
      timeoutMilliseconds: 2000,
    });
    await failureOf(sourceOf('/a').getToken());
    secret = 'of the year before';
    scene.authority.advanceSeconds(2);
    const answer = Promise.withResolvers<EndpointAnswer>();
    scene.authority.endpoints.token.answerWith(() => answer.promise);
    const asking = failureOf(sourceOf('/a').getToken());
    await vi.waitFor(() => expect(tokenRequests(scene)).toHaveLength(2));
    hanging.add('/slow');
    const about = failureOf(sourceOf('/slow').getToken());
    await vi.waitFor(() => expect(scene.events).toHaveLength(2));
    answer.resolve({ status: 401, json: { error: 'invalid_client' } });
    expect(await asking).toMatchObject({ code: 'invalid_client' });
    expect(await failureOf(sourceOf('/b').getToken())).toMatchObject({ code: 'invalid_client' });
    await about;
    expect(tokenRequests(scene)).toHaveLength(2);
  });

  it('and was rotated serves a renewal after a 401 at once', async () => {
    const { scene, secret, tokens, fetch } = await withRotation();
    scene.revoked.add((await tokens.getToken()).accessToken);
    secret.current = 'of last year';
    await failureOf(fetch(scene.resource));
    scene.authority.advanceSeconds(2);
    await failureOf(fetch(scene.resource));
    expect(tokenRequests(scene)).toHaveLength(2);
    secret.current = SECRET;
    scene.authority.advanceSeconds(2);
    const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(scene.resource)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(tokenRequests(scene)).toHaveLength(3);
  });

  it('and was rotated serves a step-up at once', async () => {
    const { scene, secret, tokens, fetch } = await withRotation();
    await tokens.getToken();
    secret.current = 'of last year';
    expect((await fetch(`${scene.resource}/deploy:write`)).status).toBe(403);
    expect((await fetch(`${scene.resource}/deploy:write`)).status).toBe(403);
    expect(tokenRequests(scene)).toHaveLength(2);
    secret.current = SECRET;
    scene.authority.advanceSeconds(2);
    expect((await fetch(`${scene.resource}/deploy:write`)).status).toBe(200);
    expect(tokenRequests(scene)).toHaveLength(3);
  });
});
