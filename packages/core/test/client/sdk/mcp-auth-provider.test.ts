import { inspect } from 'node:util';
import type { AuthProvider } from '@modelcontextprotocol/client';
import { describe, expect, it } from 'vitest';
import {
  clientSecretBasic,
  createDpop,
  createTokenSource,
  type TokenSource,
} from '../../../src/client/index.ts';
import { mcpAuthProvider } from '../../../src/client/sdk/mcp-auth-provider.ts';
import { startProtectedMcpServer } from './protected-mcp-server.ts';
import { boundSource, callOnce, connectV2, SECRET, setUp } from './provider-scene.ts';

const refusalOf = (url: string, challenge = 'Bearer') => ({
  serverUrl: new URL(url),
  response: new Response(null, { status: 401, headers: { 'www-authenticate': challenge } }),
});

it('the provider is one of SDK v2', async () => {
  const provider: AuthProvider = mcpAuthProvider((await setUp()).tokens);
  await expect(provider.token()).resolves.toBeUndefined();
});

it.each<unknown>([undefined, null, {}, 'token'])('refuses %j as a token source', (value) => {
  expect(() => mcpAuthProvider(value as TokenSource)).toThrow(
    new TypeError('mcpAuthProvider takes a token source: what createTokenSource(…) returns.'),
  );
});

describe('one provider and two servers', () => {
  it('a server that the token is not for never sees it, and the caller reads why', async () => {
    const { server, tokens, authority } = await setUp();
    const other = await startProtectedMcpServer(authority);
    const provider = mcpAuthProvider(tokens);
    await expect(connectV2(other.url, provider)).rejects.toThrow(
      `mcpAuthProvider: this provider has tokens for ${server.url} only, and a transport that it was given to talks to ${other.url}.`,
    );
    expect(other.shownTokens()).toEqual([]);
    expect(authority.endpoints.token.requests).toEqual([]);
  });

  it('nor does one whose transport is created later, and the provider is of no use from then on', async () => {
    const { server, tokens, authority } = await setUp();
    const other = await startProtectedMcpServer(authority);
    const provider = mcpAuthProvider(tokens);
    const client = await connectV2(server.url, provider);
    await callOnce(client);
    await expect(connectV2(other.url, provider)).rejects.toThrow(/has tokens for .* only/);
    await expect(callOnce(client)).rejects.toThrow(/has tokens for .* only/);
    expect(other.shownTokens()).toEqual([]);
    expect(new Set(server.shownTokens()).size).toBe(1);
  });

  it('nor does one that is connected to at the same time', async () => {
    const { server, tokens, authority } = await setUp();
    const other = await startProtectedMcpServer(authority);
    const provider = mcpAuthProvider(tokens);
    const outcomes = await Promise.allSettled([server.url, other.url].map((url) => connectV2(url, provider)));
    expect(outcomes[1]).toMatchObject({ status: 'rejected' });
    expect(other.shownTokens()).toEqual([]);
  });

  it.each(['-beside', '/../other', '/%2e%2e/other', '/..%2fother'])(
    '%s is not beneath the resource',
    async (suffix) => {
      const { server, tokens, authority } = await setUp();
      const provider = mcpAuthProvider(tokens);
      await expect(provider.onUnauthorized(refusalOf(`${server.url}${suffix}`))).rejects.toThrow(
        /has tokens for .* only/,
      );
      await expect(provider.token()).rejects.toThrow(/has tokens for .* only/);
      expect(authority.endpoints.token.requests).toEqual([]);
    },
  );

  it.each(['', '?session=1', '/messages'])(
    'its own server may be addressed with %j behind',
    async (suffix) => {
      const { server, tokens } = await setUp();
      const provider = mcpAuthProvider(tokens);
      await provider.onUnauthorized(refusalOf(`${server.url}${suffix}`));
      expect(await provider.token()).toBe((await tokens.getToken()).accessToken);
    },
  );

  it('a token that is on its way is not handed out once another server has shown', async () => {
    const { server, tokens, authority } = await setUp();
    const provider = mcpAuthProvider(tokens);
    const release = authority.endpoints.token.hold();
    const outcomes = Promise.allSettled([provider.onUnauthorized(refusalOf(server.url)), provider.token()]);
    await expect(provider.onUnauthorized(refusalOf('https://other.example/mcp'))).rejects.toThrow(
      /talks to https:\/\/other\.example\/mcp\./,
    );
    release();
    expect(await outcomes).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  });

  it('serves many transports of its own server', async () => {
    const { server, tokens, authority } = await setUp();
    const provider = mcpAuthProvider(tokens);
    const clients = await Promise.all(Array.from({ length: 10 }, () => connectV2(server.url, provider)));
    await Promise.all(clients.map(callOnce));
    expect(authority.endpoints.token.requests).toHaveLength(1);
  });
});

describe('a provider at a refusal', () => {
  it.each([
    ['nothing', 'Bearer', 1],
    ['a refused token', 'Bearer error="invalid_token"', 2],
  ])('takes a 401 that speaks of %s as that', async (_, challenge, tokenRequests) => {
    const { server, tokens, authority } = await setUp();
    const provider = mcpAuthProvider(tokens);
    expect(await Promise.all([provider.token(), provider.token()])).toEqual([undefined, undefined]);
    await provider.onUnauthorized(refusalOf(server.url));
    expect(await provider.token()).toBeDefined();
    // The answer to the second of the requests that went without a token, or to one with it.
    await provider.onUnauthorized(refusalOf(server.url, challenge));
    expect(authority.endpoints.token.requests).toHaveLength(tokenRequests);
  });

  it('renews once for 20 calls under way, none of which fails', async () => {
    const { server, tokens, authority } = await setUp();
    const client = await connectV2(server.url, mcpAuthProvider(tokens));
    await callOnce(client);
    const { accessToken } = await tokens.getToken();
    const { jti } = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()) as {
      jti: string;
    };
    server.revoked.add(jti);
    const results = await Promise.all(Array.from({ length: 20 }, () => callOnce(client)));
    expect(results).toHaveLength(20);
    expect(authority.endpoints.token.requests).toHaveLength(2);
  });

  it('hands the typed error of a refused credential to the caller, and asks once', async () => {
    const { server, tokens, authority } = await setUp();
    authority.registerClient({ clientId: 'nightly-report', secret: 'rotated' });
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(connectV2(server.url, mcpAuthProvider(tokens))).rejects.toMatchObject({
        name: 'TokenAcquisitionError',
        code: 'invalid_client',
      });
    }
    expect(authority.endpoints.token.requests).toHaveLength(1);
  });
});

it('a source of tokens that are bound to a key is refused, and the message says what takes it', async () => {
  const { server, authority } = await setUp();
  const bound = createTokenSource({
    resource: server.url,
    issuer: authority.issuer,
    clientId: 'nightly-report',
    authentication: clientSecretBasic({ clientSecret: SECRET }),
    dpop: createDpop(),
  });
  expect(() => mcpAuthProvider(bound)).toThrow(/bound to a key \(DPoP\).*authorizedFetch/);
});

it('a token that is bound to a key does not go through, and the message says what does', async () => {
  const outcome = mcpAuthProvider(boundSource).onUnauthorized(refusalOf(boundSource.resource));
  await expect(outcome).rejects.toThrow(/bound to a key \(DPoP\).*authorizedFetch/);
  await expect(outcome).rejects.not.toThrow(/bound-token-of-somebody/);
});

it('S3: a provider that has been used prints no token and no secret', async () => {
  const { server, tokens } = await setUp();
  const provider = mcpAuthProvider(tokens);
  await callOnce(await connectV2(server.url, provider));
  const { accessToken } = await tokens.getToken();
  const printed =
    inspect(provider, { depth: null, showHidden: true, getters: true }) + JSON.stringify(provider);
  expect(printed).not.toContain(accessToken);
  expect(printed).not.toContain(SECRET);
});
