import { authorizedFetch, declareClientCredentials, type TokenSource } from '@mcp-m2m/core/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

export async function connect(tokens: TokenSource): Promise<Client> {
  const client = new Client({ name: 'nightly-report', version: '1.0.0' }, declareClientCredentials());
  const url = new URL(tokens.resource);
  const transport = new StreamableHTTPClientTransport(url, { fetch: authorizedFetch(tokens) });
  await client.connect(transport);
  return client;
}
