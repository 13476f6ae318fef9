import { clientCredentialsCapabilities } from '@mcp-m2m/core';
import { authorizedFetch, createTokenSource, type TokenSource } from '@mcp-m2m/core/client';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import { usageError } from '../command-error.ts';
import type { Connection } from './resolve-connection.ts';

/** A function like `fetch` that adds the token of a connection to what goes to its MCP server. */
export type ConnectionFetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/**
 * The token source of a connection.
 *
 * @throws CommandError where there is no credential; TypeError where an option is wrong
 */
export function tokenSourceOf(connection: Connection): TokenSource {
  const { url, issuer, clientId, authentication, provider, scopes, dpop, tokenParameters } = connection;
  if (clientId === undefined || authentication === undefined) {
    throw usageError(
      'A credential is needed: --client-id with --key-file, --secret-file, --secret-env, --secret-command or --secret-prompt, or a profile that has them.',
    );
  }
  if (issuer === undefined && provider?.issuer === undefined) {
    throw usageError(
      'Name the authorization server that the credential belongs to: --issuer (it is sent nowhere else).',
    );
  }
  return createTokenSource({
    resource: url,
    issuer,
    clientId,
    authentication,
    provider,
    scopes,
    dpop,
    tokenParameters,
    timeoutMilliseconds: connection.timeoutMilliseconds,
  });
}

/** The `fetch` by which requests of a connection reach its MCP server. */
export function fetchOf(connection: Connection): ConnectionFetch {
  const { token, clientId, url: server } = connection;
  if (token === undefined && clientId !== undefined) return authorizedFetch(tokenSourceOf(connection));
  if (token === undefined) return fetch;
  const { origin } = new URL(server);
  return (url, init) => {
    const headers = new Headers(init?.headers);
    if (new URL(url).origin === origin) headers.set('authorization', `Bearer ${token}`);
    return fetch(url, { ...init, headers, redirect: 'manual' });
  };
}

/**
 * Connects to the MCP server in whichever revision of the protocol it speaks, does some work and closes.
 *
 * @param work - is given the connected client
 */
export async function withSession<T>(
  connection: Connection,
  signal: AbortSignal,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client(
    { name: 'mcp-m2m', version: '1.0.0' },
    { capabilities: { ...clientCredentialsCapabilities() }, versionNegotiation: { mode: 'auto' } },
  );
  const transport = new StreamableHTTPClientTransport(new URL(connection.url), {
    fetch: fetchOf(connection),
  });
  try {
    await client.connect(transport, { timeout: connection.timeoutMilliseconds, signal });
    return await work(client);
  } finally {
    await client.close().catch(() => undefined);
  }
}
