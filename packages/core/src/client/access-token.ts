/** How a token is presented: by itself, or with a proof of the key it is bound to. */
export type TokenType = 'Bearer' | 'DPoP';

/** A token and what the authorization server said about it. */
export interface AccessToken {
  /**
   * The token itself. Not enumerable, so that printing, spreading or serialising the object never shows
   * it; read it by name.
   */
  readonly accessToken: string;
  /** How the token is presented. */
  readonly tokenType: TokenType;
  /** When it expires, in seconds since the epoch; `undefined` where the server did not say. */
  readonly expiresAt: number | undefined;
  /** The scopes granted; those requested where the server did not say. */
  readonly scopes: readonly string[];
  /** The authorization server that issued it. */
  readonly issuer: string;
  /** The only server it may be shown to. */
  readonly resource: string;
}

/** Builds an {@link AccessToken} that hides the token from `inspect` and `JSON.stringify`. */
export function createAccessToken(token: string, details: Omit<AccessToken, 'accessToken'>): AccessToken {
  const described = { ...details, scopes: Object.freeze([...details.scopes]) };
  return Object.freeze(Object.defineProperty(described, 'accessToken', { value: token })) as AccessToken;
}
