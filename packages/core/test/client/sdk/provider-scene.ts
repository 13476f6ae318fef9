import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { onTestFinished } from 'vitest';
import { createAccessToken } from '../../../src/client/access-token.ts';
import { clientSecretBasic, createTokenSource, type TokenSource } from '../../../src/client/index.ts';
import type { McpAuthProvider } from '../../../src/client/sdk/mcp-auth-provider.ts';
import type { McpOAuthClientProvider } from '../../../src/client/sdk/mcp-oauth-client-provider.ts';
import { startProtectedMcpServer, type ProtectedMcpServer } from './protected-mcp-server.ts';

export const SECRET = 'canary-secret-of-the-client';
export const INFO = { name: 'nightly-report', version: '1.0.0' };

/** An authority, a protected server, and a source for it. */
export interface Stage {
  readonly authority: TestAuthority;
  readonly server: ProtectedMcpServer;
  readonly tokens: TokenSource;
}

export async function setUp(): Promise<Stage> {
  const authority = await createTestAuthority();
  onTestFinished(() => authority.close());
  authority.registerClient({ clientId: 'nightly-report', secret: SECRET });
  const server = await startProtectedMcpServer(authority);
  const tokens = createTokenSource({
    resource: server.url,
    issuer: authority.issuer,
    clientId: 'nightly-report',
    authentication: clientSecretBasic({ clientSecret: SECRET }),
    now: authority.now,
  });
  return { authority, server, tokens };
}

export async function connectV2(url: string, authProvider: McpAuthProvider): Promise<Client> {
  const client = new Client(INFO);
  onTestFinished(() => client.close());
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { authProvider }));
  return client;
}

export async function connectV1(
  url: string,
  authProvider: McpOAuthClientProvider,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Promise<ClientV1> {
  const client = new ClientV1(INFO);
  onTestFinished(() => client.close());
  await client.connect(new TransportV1(new URL(url), { authProvider, fetch }));
  return client;
}

export function callOnce(client: Client | ClientV1): Promise<unknown> {
  return client.callTool({ name: 'list_deployments', arguments: {} });
}

/** A source of somebody else's, whose tokens turn out to be bound to a key. */
export const boundSource: TokenSource = {
  resource: 'https://mcp.example.com/mcp',
  getToken: () =>
    Promise.resolve(
      createAccessToken('bound-token-of-somebody', {
        tokenType: 'DPoP',
        expiresAt: undefined,
        scopes: [],
        issuer: 'https://auth.example.com',
        resource: 'https://mcp.example.com/mcp',
      }),
    ),
  reportAccepted: () => undefined,
  reportRefused: () => Promise.resolve(undefined),
};
