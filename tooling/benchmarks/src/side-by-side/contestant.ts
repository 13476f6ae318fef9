import {
  authorizedFetch,
  clientSecretBasic,
  createTokenSource,
  declareClientCredentials,
} from '@mcp-m2m/core/client';
import {
  ClientCredentialsProvider,
  StreamableHTTPClientTransport,
  type ClientOptions,
  type StreamableHTTPClientTransportOptions,
} from '@modelcontextprotocol/client';
import { CLIENT_ID, CLIENT_SECRET, type Arena } from './arena.ts';

/** How a client of the arena is configured. */
export interface ContestantOptions {
  /** The MCP server that the client is meant for. */
  readonly url: string;
  readonly secret?: string;
  readonly scopes?: readonly string[];
  readonly timeoutMilliseconds?: number;
}

/** A way to get tokens, as a user would write it: one object, for every transport of the client. */
export interface Contestant {
  readonly name: 'official client' | 'mcp-m2m';
  readonly clientOptions: ClientOptions;
  prepare(arena: Arena, options: ContestantOptions): StreamableHTTPClientTransportOptions;
}

/** The SDK's own provider for the client-credentials grant. */
export const officialClient: Contestant = {
  name: 'official client',
  clientOptions: {},
  prepare: ({ authority }, { secret = CLIENT_SECRET, scopes }) => ({
    authProvider: new ClientCredentialsProvider({
      clientId: CLIENT_ID,
      clientSecret: secret,
      expectedIssuer: authority.issuer,
      ...(scopes === undefined ? {} : { scope: scopes.join(' ') }),
    }),
  }),
};

/** This project's token source, behind the same transport. */
export const ourClient: Contestant = {
  name: 'mcp-m2m',
  clientOptions: declareClientCredentials(),
  prepare({ authority }, { url, secret = CLIENT_SECRET, scopes, timeoutMilliseconds }) {
    const tokens = createTokenSource({
      resource: url,
      issuer: authority.issuer,
      clientId: CLIENT_ID,
      authentication: clientSecretBasic({ clientSecret: secret }),
      scopes,
      timeoutMilliseconds,
      now: authority.now,
    });
    return { fetch: authorizedFetch(tokens) };
  },
};

/**
 * Sends one message by a transport of its own, as a client does that has just been started.
 *
 * @throws whatever the transport rejects with
 */
export async function callOnce(
  url: string,
  options: StreamableHTTPClientTransportOptions,
  tool?: string,
): Promise<void> {
  const transport = new StreamableHTTPClientTransport(new URL(url), options);
  await transport.start();
  try {
    const call = { jsonrpc: '2.0', id: 1 } as const;
    await transport.send(
      tool === undefined
        ? { ...call, method: 'ping' }
        : { ...call, method: 'tools/call', params: { name: tool, arguments: {} } },
    );
  } finally {
    await transport.close();
  }
}

/** Tells whether a call went through. */
export function succeeds(call: Promise<void>): Promise<boolean> {
  return call.then(
    () => true,
    () => false,
  );
}
