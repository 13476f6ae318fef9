import type { Challenge } from '../../www-authenticate.ts';
import type { AccessToken } from '../access-token.ts';
import { coversUrl } from '../requests/covered-url.ts';
import type { TokenSource } from '../token-source.ts';

/** Passes the token of one source on through an interface that carries a bearer string and no URL. */
export interface TokenHandover {
  /**
   * The token for the next request; `undefined` before the server has asked for one.
   *
   * @throws TypeError after {@link confirm} has met another server, or for a token that is bound to a key
   */
  next(): Promise<AccessToken | undefined>;
  /**
   * A server has asked for a token: from now on it is handed out, if this is its server.
   *
   * @throws TypeError for any other server, and from then on for every use
   */
  confirm(serverUrl: string | URL): void;
  /** Another transport may have come, of which nothing is known yet: the token is withheld as at the beginning. */
  withhold(): void;
  /**
   * The server has refused the token handed out last, or its absence.
   *
   * @returns whether there is another one to try
   */
  renew(challenge?: Challenge): Promise<boolean>;
}

/**
 * Creates the {@link TokenHandover} of a provider.
 *
 * Whoever asks for a token through the SDK's interfaces does not say for which URL, so that the token is
 * withheld until a server has asked for it, whose URL the SDK does tell.
 *
 * @param where - the function that the provider came from, for messages
 * @throws TypeError where the argument is no token source, or one of tokens that are bound to a key
 */
export function createTokenHandover(tokens: TokenSource, where: string): TokenHandover {
  if (typeof tokens?.getToken !== 'function' || typeof tokens.resource !== 'string') {
    throw new TypeError(`${where} takes a token source: what createTokenSource(…) returns.`);
  }
  const { resource } = tokens;
  const boundToKey = (): TypeError =>
    new TypeError(
      `${where}: the tokens for ${resource} are bound to a key (DPoP), and a provider can pass on a bearer token only. Give the transport authorizedFetch(tokens) as its fetch instead.`,
    );
  if (tokens.dpop !== undefined) throw boundToKey();
  let confirmed = false;
  let foreign: string | undefined;
  let shown: AccessToken | undefined;
  /** Requests that went without a token and were perhaps not answered yet. */
  let withheld = 0;

  function assertNotMisused(): void {
    if (foreign === undefined) return;
    throw new TypeError(
      `${where}: this provider has tokens for ${resource} only, and a transport that it was given to talks to ${foreign}. Create a token source and a provider for that server.`,
    );
  }

  async function take(): Promise<AccessToken> {
    const token = await tokens.getToken();
    // Another transport may have come to light in the meantime.
    assertNotMisused();
    if (token.tokenType !== 'Bearer') throw boundToKey();
    return token;
  }

  return {
    async next() {
      assertNotMisused();
      if (!confirmed) {
        withheld += 1;
        return undefined;
      }
      shown = await take();
      return shown;
    },
    confirm(serverUrl) {
      const url = new URL(serverUrl);
      if (coversUrl(resource, url)) confirmed = true;
      else foreign ??= `${url.origin}${url.pathname}`;
      assertNotMisused();
    },
    withhold() {
      confirmed = false;
      shown = undefined;
    },
    async renew(challenge) {
      // A challenge without an error code speaks of a request without a token (RFC 6750 §3.1).
      const wasWithheld = withheld > 0 && challenge !== undefined && challenge.parameters.error === undefined;
      if (shown === undefined || wasWithheld) {
        withheld = Math.max(0, withheld - 1);
        await take();
        return true;
      }
      return (await tokens.reportRefused(shown, { status: 401, challenge })) !== undefined;
    },
  };
}
