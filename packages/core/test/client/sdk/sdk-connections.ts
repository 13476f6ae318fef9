import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { onTestFinished } from 'vitest';
import { authorizedFetch } from '../../../src/client/requests/authorized-fetch.ts';
import { declareClientCredentials } from '../../../src/client/sdk/declare-client-credentials.ts';
import { mcpAuthProvider } from '../../../src/client/sdk/mcp-auth-provider.ts';
import { mcpOAuthClientProvider } from '../../../src/client/sdk/mcp-oauth-client-provider.ts';
import type { TokenSource } from '../../../src/client/token-source.ts';

/** How the source is given to a transport. */
export type Fitting = 'authorizedFetch' | 'a provider';

/** A line of the SDK in one protocol revision. */
export type Line = 'v2 in 2026-07-28' | 'v2 in 2025-11-25' | 'v1 in 2025-11-25';

/** What the stories need of a client, whichever line of the SDK it is from. */
export interface Connection {
  readonly revision: string | undefined;
  readonly toolNames: () => Promise<string[]>;
  /** The text of the tool's answer. */
  readonly call: (tool: string) => Promise<string>;
}

const CLIENT_INFO = { name: 'nightly-report', version: '1.0.0' };

/** Connects a client that declares the extension, and closes it when the test has finished. */
export function connect(line: Line, fitting: Fitting, url: string, tokens: TokenSource): Promise<Connection> {
  return line === 'v1 in 2025-11-25'
    ? connectV1(fitting, new URL(url), tokens)
    : connectV2(line, fitting, new URL(url), tokens);
}

async function connectV2(line: Line, fitting: Fitting, url: URL, tokens: TokenSource): Promise<Connection> {
  const mode = line === 'v2 in 2026-07-28' ? { pin: '2026-07-28' } : ('legacy' as const);
  const client = new Client(CLIENT_INFO, declareClientCredentials({ versionNegotiation: { mode } }));
  const options =
    fitting === 'authorizedFetch'
      ? { fetch: authorizedFetch(tokens) }
      : { authProvider: mcpAuthProvider(tokens) };
  onTestFinished(() => client.close());
  await client.connect(new StreamableHTTPClientTransport(url, options));
  return {
    revision: client.getNegotiatedProtocolVersion(),
    toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name) => textOf((await client.callTool({ name, arguments: {} })).content),
  };
}

async function connectV1(fitting: Fitting, url: URL, tokens: TokenSource): Promise<Connection> {
  const client = new ClientV1(CLIENT_INFO, declareClientCredentials());
  const options =
    fitting === 'authorizedFetch'
      ? { fetch: authorizedFetch(tokens) }
      : { authProvider: mcpOAuthClientProvider(tokens) };
  const transport = new TransportV1(url, options);
  onTestFinished(() => client.close());
  await client.connect(transport);
  return {
    revision: transport.protocolVersion,
    toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name) => textOf((await client.callTool({ name, arguments: {} })).content),
  };
}

function textOf(content: unknown): string {
  return (content as { text?: string }[]).map(({ text }) => text).join();
}
