/** `grant_type` of a token exchange. */
export const TOKEN_EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';

/**
 * Token type identifiers.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8693#section-3 | RFC 8693 §3},
 *   {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant | ID-JAG}
 */
export const TOKEN_TYPES = {
  accessToken: 'urn:ietf:params:oauth:token-type:access_token',
  idToken: 'urn:ietf:params:oauth:token-type:id_token',
  refreshToken: 'urn:ietf:params:oauth:token-type:refresh_token',
  jwt: 'urn:ietf:params:oauth:token-type:jwt',
  saml2: 'urn:ietf:params:oauth:token-type:saml2',
  idJag: 'urn:ietf:params:oauth:token-type:id-jag',
} as const;

/** A token type identifier: one of the registered ones, or another URI. */
export type TokenTypeIdentifier = (typeof TOKEN_TYPES)[keyof typeof TOKEN_TYPES] | (string & {});

/**
 * Validates a configured token type identifier.
 *
 * @throws TypeError naming the option
 */
export function assertTokenType(value: unknown, option: string): void {
  if (value === undefined || (typeof value === 'string' && /^[a-z][a-z0-9+.-]*:\S+$/i.test(value))) return;
  throw new TypeError(`${option} must be a token type identifier such as "${TOKEN_TYPES.accessToken}".`);
}
