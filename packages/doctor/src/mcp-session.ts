import { clientCredentialsCapabilities } from '@mcp-m2m/core';
import { authorizedFetch, dpopFetch, type AuthorizedFetch } from '@mcp-m2m/core/client';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import { startDeadline, untilAborted } from './deadline.ts';
import type { Walk } from './walk.ts';

/** The protocol revisions that are tried, the newer one first. */
export const REVISIONS = ['2026-07-28', '2025-11-25'] as const;

export type Revision = (typeof REVISIONS)[number];

/** How this client introduces itself. */
export const CLIENT_INFO = { name: 'mcp-m2m-doctor', version: '1.0.0' } as const;

/** To say goodbye must not take longer than this. */
const GOODBYE_MILLISECONDS = 1000;

/** A connection to the MCP server that has come past its handshake. */
export interface McpSession {
  readonly revision: Revision;
  readonly client: Client;
  readonly transport: StreamableHTTPClientTransport;
}

/**
 * Connects with the official client, in one revision of the protocol.
 *
 * @param signal - ends the attempt
 * @throws what the client throws
 */
export async function openSession(walk: Walk, revision: Revision, signal: AbortSignal): Promise<McpSession> {
  const { settings } = walk;
  const client = new Client(CLIENT_INFO, {
    capabilities: { ...clientCredentialsCapabilities() },
    versionNegotiation: { mode: revision === '2025-11-25' ? 'legacy' : { pin: revision } },
  });
  const transport = new StreamableHTTPClientTransport(new URL(settings.resource), { fetch: fetchOf(walk) });
  const session: McpSession = { revision, client, transport };
  try {
    const connected = client.connect(transport, { timeout: settings.timeoutMilliseconds, signal });
    await untilAborted(connected, signal);
  } catch (error) {
    await closeSession(session);
    throw error;
  }
  return session;
}

/** Ends a session, at the server as well where it keeps one. Never rejects. */
export async function closeSession({ client, transport }: McpSession): Promise<void> {
  const deadline = startDeadline(GOODBYE_MILLISECONDS, undefined);
  await untilAborted(transport.terminateSession(), deadline.signal).catch(() => undefined);
  deadline.stop();
  await client.close().catch(() => undefined);
}

/** How the client calls the MCP server: with its token, once there is one. */
export function fetchOf({ recorder, tokenSource, token, settings }: Walk): AuthorizedFetch {
  const { fetch } = recorder;
  if (token === undefined) return fetch;
  if (tokenSource !== undefined) return authorizedFetch(tokenSource, { fetch });
  const provingFetch = settings.dpop === undefined ? fetch : dpopFetch(settings.dpop, { fetch });
  return (url, init) => {
    // Like every client: the token goes to the server it is for, and nowhere else.
    if (new URL(url instanceof Request ? url.url : url).origin !== new URL(settings.resource).origin) {
      return fetch(url, init);
    }
    const headers = new Headers(init?.headers);
    headers.set('authorization', `${token.tokenType} ${token.accessToken}`);
    return provingFetch(url, { ...init, headers, redirect: 'manual' });
  };
}
