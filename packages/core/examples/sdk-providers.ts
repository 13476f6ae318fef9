import { mcpAuthProvider, mcpOAuthClientProvider, type TokenSource } from '@mcp-m2m/core/client';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

/** SDK v2. */
export function createTransport(tokens: TokenSource): StreamableHTTPClientTransport {
  const url = new URL(tokens.resource);
  return new StreamableHTTPClientTransport(url, { authProvider: mcpAuthProvider(tokens) });
}

/** SDK v1. */
export function createTransportV1(tokens: TokenSource): TransportV1 {
  return new TransportV1(new URL(tokens.resource), { authProvider: mcpOAuthClientProvider(tokens) });
}
