import { clientCredentialsCapabilities } from '@mcp-m2m/core';
import { authorizedFetch, type AuthorizedFetch } from '@mcp-m2m/core/client';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import type { Walk } from './walk.ts';

/** The protocol revisions that are tried, the newer one first. */
export const REVISIONS = ['2026-07-28', '2025-11-25'] as const;

export type Revision = (typeof REVISIONS)[number];

/** A connection to the MCP server that has come past its handshake. */
export interface McpSession {
  readonly revision: Revision;
  readonly client: Client;
}

/**
 * Connects with the official client, in one revision of the protocol.
 *
 * @throws what the client throws
 */
export async function openSession(walk: Walk, revision: Revision): Promise<McpSession> {
  const { settings, signal } = walk;
  const client = new Client(
    { name: 'mcp-m2m-doctor', version: '1.0.0' },
    {
      capabilities: { ...clientCredentialsCapabilities() },
      versionNegotiation: { mode: revision === '2025-11-25' ? 'legacy' : { pin: revision } },
    },
  );
  const transport = new StreamableHTTPClientTransport(new URL(settings.resource), { fetch: fetchOf(walk) });
  try {
    await client.connect(transport, { timeout: settings.timeoutMilliseconds, signal });
  } catch (error) {
    await client.close().catch(() => undefined);
    throw error;
  }
  return { revision, client };
}

function fetchOf({ recorder, tokenSource, token, settings }: Walk): AuthorizedFetch {
  const { fetch } = recorder;
  if (tokenSource !== undefined) return authorizedFetch(tokenSource, { fetch });
  if (token === undefined) return fetch;
  return (url, init) => {
    const headers = new Headers(init?.headers);
    // Like every client: the token goes to the server it is for, and nowhere else.
    if (new URL(url instanceof Request ? url.url : url).origin === new URL(settings.resource).origin) {
      headers.set('authorization', `${token.tokenType} ${token.accessToken}`);
    }
    return fetch(url, { ...init, headers });
  };
}
