import { readResourceChallenge } from '../discovery/resource-challenge.ts';
import type { TokenSource } from '../token-source.ts';
import { createTokenHandover } from './token-handover.ts';

/** What a transport of SDK v2 says of a 401. */
export interface McpUnauthorizedContext {
  readonly response: Response;
  readonly serverUrl: URL;
}

/** An `AuthProvider` of SDK v2 (`@modelcontextprotocol/client`). */
export interface McpAuthProvider {
  token(): Promise<string | undefined>;
  onUnauthorized(context: McpUnauthorizedContext): Promise<void>;
}

/**
 * Makes a token source the `authProvider` of a transport of SDK v2, for where a `fetch` cannot be given:
 * `authorizedFetch` does more, and is to be preferred.
 *
 * The SDK asks for a token without saying for which URL. So nothing is handed out until a server has answered
 * 401, which costs one request per transport, and only if its URL is at or beneath the source's `resource`. A
 * transport for any other server is refused in words, and with it every further use of the provider. What
 * cannot be seen is which of two transports asks that were created before either was used: give each a provider
 * of its own.
 *
 * A 401 leads to one renewal. A 403 `insufficient_scope` reaches the caller as the SDK's
 * `InsufficientScopeError`: the interface has no step-up. Which of several requests under way was refused is
 * not said either, nor that one was accepted; so a token that the server refuses again soon after its renewal is
 * not renewed for 30 seconds, and for twice as long each time, up to five minutes.
 *
 * @throws TypeError for a wrong argument; when used, for another server and for a token that is bound to a key
 *   (DPoP), TokenAcquisitionError where there is no token
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization | MCP authorization, access token usage}
 */
export function mcpAuthProvider(tokens: TokenSource): McpAuthProvider {
  const handover = createTokenHandover(tokens, 'mcpAuthProvider');
  const provider: McpAuthProvider = {
    token: async () => (await handover.next())?.accessToken,
    async onUnauthorized({ response, serverUrl }) {
      handover.confirm(serverUrl);
      // Where there is no other token, the SDK's one retry shows whether the refusal was of an older one.
      await handover.renew(readResourceChallenge(response));
    },
  };
  // Each new transport looks for `tokens` to tell the SDK's two interfaces apart.
  return Object.defineProperty(provider, 'tokens', { get: () => handover.withhold() });
}
