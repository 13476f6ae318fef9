/** The body of a refusal, as RFC 6749 §5.2 has it. */
export interface OAuthError {
  readonly error: string;
  readonly error_description: string;
}

/**
 * Makes the body of a refusal; the description is brought into the characters the specification allows.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.2 | RFC 6749 §5.2}
 */
export function oauthError(error: string, description: string): OAuthError {
  return {
    error,
    error_description: description.replaceAll('"', "'").replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?'),
  };
}

/** The challenge of a 401: secrets may be sent by HTTP Basic. */
export function basicChallenge(issuer: string): string {
  return `Basic realm="${issuer}", charset="UTF-8"`;
}
