import type { TokenSource } from '../token-source.ts';
import { createTokenHandover } from './token-handover.ts';

/** What {@link McpOAuthClientProvider} tells the SDK, so that it discovers nothing itself. */
export interface McpDiscoveryState {
  authorizationServerUrl: string;
  resourceMetadata: { resource: string };
  authorizationServerMetadata: {
    issuer: string;
    authorization_endpoint: string;
    token_endpoint: string;
    response_types_supported: string[];
  };
}

/** An `OAuthClientProvider` of SDK v1 (`@modelcontextprotocol/sdk`). */
export interface McpOAuthClientProvider {
  readonly redirectUrl: undefined;
  readonly clientMetadata: { redirect_uris: string[]; grant_types: string[] };
  clientInformation(context?: unknown): { client_id: string; issuer: string };
  tokens(): Promise<{ access_token: string; token_type: string } | undefined>;
  saveTokens(): void;
  redirectToAuthorization(): never;
  saveCodeVerifier(): never;
  codeVerifier(): never;
  validateResourceURL(serverUrl: string | URL): Promise<undefined>;
  prepareTokenRequest(): Promise<URLSearchParams>;
  readonly addClientAuthentication: (
    headers: Headers,
    parameters: URLSearchParams,
    url: string | URL,
  ) => void;
  discoveryState(): McpDiscoveryState;
}

const PLACEHOLDER = 'held-by-the-token-source';

/**
 * The SDK accepts a new token from nothing but the answer to a POST. This URL is that answer: fetching it reaches
 * no network, and what it says is dropped, as the token comes from the source.
 */
const LOCAL_TOKEN_ENDPOINT = `data:application/json,${encodeURIComponent(
  JSON.stringify({ access_token: PLACEHOLDER, token_type: 'Bearer' }),
)}`;

/**
 * Makes a token source the `authProvider` of a transport of SDK v1, for where a `fetch` cannot be given:
 * `authorizedFetch` does more, and is to be preferred.
 *
 * The SDK's own flow runs, but has nothing to send and nowhere to send it: discovery is answered from here, the
 * token endpoint is a `data:` URL, and no credential passes through. If it should turn to any other token
 * endpoint (an older release may), it is stopped in words. A `fetch` of your own must be able to fetch a
 * `data:` URL, as the global one is.
 *
 * As with `mcpAuthProvider`, nothing is handed out before a server at or beneath the source's `resource` has
 * answered 401; a transport for any other server is refused in words, and with it every further use. What cannot
 * be seen here is that another transport was created: one for another server that is given a provider already in
 * use would show it the token once. Give each transport a provider of its own, or use `authorizedFetch`,
 * which looks at every URL.
 *
 * The interface cannot tell a 401 from a 403 and does not hand on the scopes demanded, so that there is no
 * step-up, and a 403 `insufficient_scope` costs one renewal. Of several requests that are refused at the
 * same time the SDK itself lets one be sent again and fails the others.
 *
 * @throws TypeError for a wrong argument; when used, for another server and for a token that is bound to a key
 *   (DPoP), TokenAcquisitionError where there is no token
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization | MCP authorization, access token usage}
 */
export function mcpOAuthClientProvider(tokens: TokenSource): McpOAuthClientProvider {
  const where = 'mcpOAuthClientProvider';
  const handover = createTokenHandover(tokens, where);
  const { resource } = tokens;
  const refuse = (): never => {
    throw new TypeError(`${where}: the authorization code flow is for people; this provider is a machine's.`);
  };
  return {
    redirectUrl: undefined,
    clientMetadata: { redirect_uris: [], grant_types: ['client_credentials'] },
    clientInformation(context) {
      if (context === undefined) return { client_id: PLACEHOLDER, issuer: resource };
      throw new TypeError(`${where} is for SDK v1; with @modelcontextprotocol/client use mcpAuthProvider.`);
    },
    async tokens() {
      const token = await handover.next();
      return token && { access_token: token.accessToken, token_type: 'Bearer' };
    },
    saveTokens: () => undefined,
    redirectToAuthorization: refuse,
    saveCodeVerifier: refuse,
    codeVerifier: refuse,
    async validateResourceURL(serverUrl) {
      handover.confirm(serverUrl);
    },
    async prepareTokenRequest() {
      if (await handover.renew()) return new URLSearchParams({ grant_type: 'client_credentials' });
      // The SDK's stream would otherwise be opened again and again.
      throw new Error(
        `${where}: ${resource} refused the token, and another would not help or is not asked for so soon. See its answer for the cause: what it demands does not reach a provider. authorizedFetch can see it.`,
      );
    },
    addClientAuthentication(_headers, _parameters, url) {
      if (String(url) === LOCAL_TOKEN_ENDPOINT) return;
      const { origin, pathname } = new URL(url);
      throw new Error(
        `${where}: the SDK was about to ask for a token itself, at ${origin}${pathname}. Update @modelcontextprotocol/sdk, or use authorizedFetch.`,
      );
    },
    discoveryState: () => ({
      authorizationServerUrl: resource,
      resourceMetadata: { resource },
      authorizationServerMetadata: {
        issuer: resource,
        authorization_endpoint: resource,
        token_endpoint: LOCAL_TOKEN_ENDPOINT,
        response_types_supported: [],
      },
    }),
  };
}
