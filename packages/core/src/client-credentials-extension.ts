/**
 * Identifier of the MCP extension for OAuth client credentials.
 *
 * @see {@link https://modelcontextprotocol.io/extensions/auth/oauth-client-credentials | the extension}
 */
export const OAUTH_CLIENT_CREDENTIALS_EXTENSION = 'io.modelcontextprotocol/oauth-client-credentials';

/** What a server or client puts into its MCP capabilities to announce the extension. */
export interface ClientCredentialsCapabilities {
  readonly extensions: Readonly<Record<typeof OAUTH_CLIENT_CREDENTIALS_EXTENSION, Record<string, never>>>;
}

/**
 * The capabilities that announce the client-credentials extension, to be spread into the `capabilities`
 * of a server or a client.
 *
 * The same value serves both protocol revisions: in 2025-11-25 it travels in `initialize`, in 2026-07-28
 * in `server/discover` (server) and in each request's `_meta` (client). The extension defines no settings.
 */
export function clientCredentialsCapabilities(): ClientCredentialsCapabilities {
  return { extensions: { [OAUTH_CLIENT_CREDENTIALS_EXTENSION]: {} } };
}
