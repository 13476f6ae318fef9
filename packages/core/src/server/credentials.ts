import { VerificationFailure } from './verification-failure.ts';

/** Header values by lower-case name; a header that was sent several times keeps all its values. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What the `Authorization` header carries. */
export interface Credentials {
  readonly scheme: 'Bearer' | 'DPoP';
  readonly token: string;
}

// A whole token (RFC 6750 §2.1 b64token) with a comma behind it: a list, which is not one credential. Other
// characters that no token has are left to the token's own parser.
const LIST = /^[A-Za-z0-9\-._~+/]+=* *,/;

/**
 * Reads the access token from the `Authorization` header and from nowhere else: tokens in the query or
 * the body are ignored.
 *
 * Does not look into the token.
 *
 * @returns the credentials, or `undefined` when the request carries none of a scheme that is understood
 * @throws VerificationFailure `credentials_repeated` or `credentials_malformed`
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-2.1 | RFC 6750 §2.1},
 *   {@link https://www.rfc-editor.org/rfc/rfc9449#section-7.1 | RFC 9449 §7.1}
 */
export function readCredentials(headers: RequestHeaders): Credentials | undefined {
  const header = headers.authorization;
  if (header === undefined) return undefined;
  if (typeof header !== 'string' && header.length > 1) {
    throw new VerificationFailure('credentials_repeated', {
      expected: 'one Authorization header',
      received: `${header.length} Authorization headers`,
      description: 'The request carries more than one Authorization header; send exactly one.',
    });
  }
  const value = typeof header === 'string' ? header : header[0];
  if (value === undefined || value === '') return undefined;
  const space = value.indexOf(' ');
  const scheme = value.startsWith('Bearer ')
    ? 'Bearer'
    : SCHEMES.get((space === -1 ? value : value.slice(0, space)).toLowerCase());
  if (scheme === undefined) return undefined;
  const token = space === -1 ? '' : afterSpaces(value, space);
  if (token === '' || (token.includes(',') && LIST.test(token))) {
    throw new VerificationFailure('credentials_malformed', {
      expected: 'a scheme, one space and one token',
      received: token === '' ? `${scheme} without a token` : 'a list of credentials',
      description: `The Authorization header must be "${scheme}", a space and one access token.`,
    });
  }
  return { scheme, token };
}

/** What follows one or more spaces; other white space belongs to the token, and is refused with it. */
function afterSpaces(value: string, space: number): string {
  let start = space + 1;
  while (value[start] === ' ') start++;
  return value.slice(start);
}

const SCHEMES: ReadonlyMap<string, Credentials['scheme']> = new Map([
  ['bearer', 'Bearer'],
  ['dpop', 'DPoP'],
]);
