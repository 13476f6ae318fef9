import { inspect } from 'node:util';
import { Client, StreamableHTTPClientTransport, type AuthProvider } from '@modelcontextprotocol/client';
import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createAccessToken } from '../../../src/client/access-token.ts';
import {
  clientSecretBasic,
  createDpop,
  createTokenSource,
  type TokenSource,
} from '../../../src/client/index.ts';
import { mcpOAuthClientProvider } from '../../../src/client/sdk/mcp-oauth-client-provider.ts';
import { startLoopbackServer } from '../../loopback-server.ts';
import { startProtectedMcpServer } from './protected-mcp-server.ts';
import { boundSource, callOnce, connectV1, INFO, SECRET, setUp } from './provider-scene.ts';

it('the provider is one of SDK v1', async () => {
  const provider: OAuthClientProvider = mcpOAuthClientProvider((await setUp()).tokens);
  expect(await provider.tokens()).toBeUndefined();
});

it.each<unknown>([undefined, null, {}, 'token'])('refuses %j as a token source', (value) => {
  expect(() => mcpOAuthClientProvider(value as TokenSource)).toThrow(
    new TypeError('mcpOAuthClientProvider takes a token source: what createTokenSource(…) returns.'),
  );
});

it('a server that the token is not for never sees it, and the caller reads why', async () => {
  const { server, tokens, authority } = await setUp();
  const other = await startProtectedMcpServer(authority);
  const provider = mcpOAuthClientProvider(tokens);
  await expect(connectV1(other.url, provider)).rejects.toThrow(
    `mcpOAuthClientProvider: this provider has tokens for ${server.url} only, and a transport that it was given to talks to ${other.url}.`,
  );
  await expect(connectV1(server.url, provider)).rejects.toThrow(/has tokens for .* only/);
  expect(other.shownTokens()).toEqual([]);
  expect(authority.endpoints.token.requests).toEqual([]);
});

it('hands the typed error of a refused credential to the caller, and asks once', async () => {
  const { server, tokens, authority } = await setUp();
  authority.registerClient({ clientId: 'nightly-report', secret: 'rotated' });
  for (let attempt = 0; attempt < 3; attempt++) {
    await expect(connectV1(server.url, mcpOAuthClientProvider(tokens))).rejects.toMatchObject({
      name: 'TokenAcquisitionError',
      code: 'invalid_client',
    });
  }
  expect(authority.endpoints.token.requests).toHaveLength(1);
});

it('a stream that is refused again and again is given up', async () => {
  const { tokens: issued } = await setUp();
  const result = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: INFO };
  const server = await startLoopbackServer(({ method, headers, body }) => {
    const { id } = (body === '' ? {} : JSON.parse(body)) as { id?: number };
    if (method === 'GET' || headers.authorization === undefined) {
      return { status: 401, headers: { 'www-authenticate': 'Bearer' } };
    }
    return id === undefined ? { status: 202 } : { json: { jsonrpc: '2.0', id, result } };
  });
  const { accessToken } = await issued.getToken();
  let refused = 0;
  const details = { expiresAt: undefined, scopes: [], issuer: 'https://auth.example.com' };
  const token = createAccessToken(accessToken, {
    ...details,
    tokenType: 'Bearer',
    resource: `${server.origin}/mcp`,
  });
  const tokens: TokenSource = {
    resource: `${server.origin}/mcp`,
    getToken: () => Promise.resolve(token),
    reportAccepted: () => undefined,
    reportRefused: () => Promise.resolve(refused++ === 0 ? token : undefined),
  };
  const client = new ClientV1(INFO);
  onTestFinished(() => client.close());
  const errors: Error[] = [];
  Object.assign(client, { onerror: (error: Error) => errors.push(error) });
  const url = new URL(tokens.resource);
  await client.connect(new TransportV1(url, { authProvider: mcpOAuthClientProvider(tokens) }));
  await vi.waitFor(() => expect(errors.map(String).join()).toContain('refused the token'));
  expect(server.requests.filter(({ method }) => method === 'GET')).toHaveLength(2);
  expect(refused).toBe(2);
});

describe('what SDK v1’s own flow can reach', () => {
  it('is the MCP server, and a URL that leads nowhere and gets no credential', async () => {
    const { server, tokens, authority } = await setUp();
    const sent: { url: string; init: RequestInit | undefined }[] = [];
    const recording: typeof globalThis.fetch = (input, init) => {
      sent.push({ url: input instanceof Request ? input.url : String(input), init });
      return globalThis.fetch(input, init);
    };
    const client = await connectV1(server.url, mcpOAuthClientProvider(tokens), recording);
    await callOnce(client);
    const elsewhere = sent.filter(({ url }) => url !== server.url);
    expect(elsewhere.map(({ url }) => url.slice(0, 'data:application/json,'.length))).toEqual([
      'data:application/json,',
    ]);
    const printed = elsewhere.map(({ url, init }) =>
      [url, String(init?.body as unknown), JSON.stringify([...new Headers(init?.headers)])].join('\n'),
    );
    expect(printed.join()).not.toContain(SECRET);
    expect(printed.join()).not.toContain((await tokens.getToken()).accessToken);
    expect(printed.join()).not.toMatch(/authorization|client_secret|client_assertion/i);
    expect(authority.endpoints.token.requests).toHaveLength(1);
  });

  it('is no other token endpoint: it is stopped in words', async () => {
    const { tokens } = await setUp();
    const { addClientAuthentication } = mcpOAuthClientProvider(tokens);
    for (const url of ['https://evil.example/token?x=1', 'data:application/json,{}']) {
      expect(() => addClientAuthentication(new Headers(), new URLSearchParams(), url)).toThrow(
        /the SDK was about to ask for a token itself/,
      );
    }
  });

  it('is not the flow for people', async () => {
    const { tokens } = await setUp();
    const provider = mcpOAuthClientProvider(tokens);
    for (const step of ['redirectToAuthorization', 'saveCodeVerifier', 'codeVerifier'] as const) {
      expect(() => provider[step]()).toThrow(/is for people/);
    }
  });
});

it('SDK v2 is told which one to use', async () => {
  const { server, tokens } = await setUp();
  const client = new Client(INFO);
  onTestFinished(() => client.close());
  const authProvider: AuthProvider = mcpOAuthClientProvider(tokens) as unknown as AuthProvider;
  const transport = new StreamableHTTPClientTransport(new URL(server.url), { authProvider });
  await expect(client.connect(transport)).rejects.toThrow(/is for SDK v1.* use mcpAuthProvider/);
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
  expect(() => mcpOAuthClientProvider(bound)).toThrow(/bound to a key \(DPoP\).*authorizedFetch/);
});

it('a token that is bound to a key does not go through, and the message says what does', async () => {
  const provider = mcpOAuthClientProvider(boundSource);
  await provider.validateResourceURL(boundSource.resource);
  await expect(provider.tokens()).rejects.toThrow(/bound to a key \(DPoP\).*authorizedFetch/);
  await expect(provider.prepareTokenRequest()).rejects.not.toThrow(/bound-token-of-somebody/);
});

it('S3: a provider that has been used prints no token and no secret', async () => {
  const { server, tokens } = await setUp();
  const provider = mcpOAuthClientProvider(tokens);
  await callOnce(await connectV1(server.url, provider));
  const { accessToken } = await tokens.getToken();
  const printed =
    inspect(provider, { depth: null, showHidden: true, getters: true }) + JSON.stringify(provider);
  expect(printed).not.toContain(accessToken);
  expect(printed).not.toContain(SECRET);
});
