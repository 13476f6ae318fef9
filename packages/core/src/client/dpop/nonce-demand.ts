import { parseChallenges } from '../../www-authenticate.ts';

/**
 * Tells whether a resource server refused a request for its proof's nonce alone.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-9 | RFC 9449 §9}
 */
export function demandsNonce(status: number, headers: Headers): boolean {
  if (status !== 401) return false;
  return parseChallenges(headers.get('www-authenticate') ?? '').some(
    ({ scheme, parameters }) => scheme.toLowerCase() === 'dpop' && parameters.error === 'use_dpop_nonce',
  );
}

/**
 * Tells whether an authorization server refused a token request for its proof's nonce alone. With 400, says the
 * specification; some servers answer 401, as for other failures of a client to authenticate.
 *
 * @param document - the answer's JSON object, where it is one
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-8 | RFC 9449 §8}
 */
export function isNonceError(
  status: number,
  document: Readonly<Record<string, unknown>> | undefined,
): boolean {
  return (status === 400 || status === 401) && document?.error === 'use_dpop_nonce';
}
