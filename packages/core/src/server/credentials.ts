import { VerificationFailure } from './verification-failure.ts';

/** Header values by lower-case name; a header that was sent several times keeps all its values. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What the `Authorization` header carries. */
export interface Credentials {
  readonly scheme: 'Bearer' | 'DPoP';
  readonly token: string;
}

// A whole token (RFC 6750 §2.1 b64token) with a comma behind it. Other characters that no token has are left to the
// token's own parser.
const TOKEN_AND_COMMA = /^[A-Za-z0-9\-._~+/]+=* *,/;

// A further scheme behind a comma (RFC 9110 §11.4): not the name of a parameter, and not in a quoted text.
const FURTHER_SCHEME =
  /"(?:[^"\\]|\\.)*(?:"|\\?$)|,[ \t]*([\w!#$%&'*+.^`|~-]+)(?=[ \t]*(?:,|$)|[ \t]+[^ \t=])/g;

/**
 * Reads the access token from the `Authorization` header and from nowhere else: tokens in the query or
 * the body are ignored.
 *
 * Several headers are one list: that is how some runtimes hand them on, and the answer has to be the same. Does not
 * look into the token.
 *
 * @returns the credentials, or `undefined` when the request carries none of a scheme that is understood
 * @throws VerificationFailure `credentials_repeated` or `credentials_malformed`
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-2.1 | RFC 6750 §2.1},
 *   {@link https://www.rfc-editor.org/rfc/rfc9449#section-7.1 | RFC 9449 §7.1}
 */
export function readCredentials(headers: RequestHeaders): Credentials | undefined {
  const header = headers.authorization;
  const value = typeof header === 'string' ? header : header?.join(', ');
  if (value === undefined || value === '') return undefined;
  const hasComma = value.includes(',');
  if (hasComma && hasFurtherScheme(value)) {
    throw new VerificationFailure('credentials_repeated', {
      expected: 'one credential',
      received: 'a list of credentials',
      description:
        'The request carries more than one credential in the Authorization header; send exactly one.',
    });
  }
  const space = value.indexOf(' ');
  const scheme = value.startsWith('Bearer ')
    ? 'Bearer'
    : SCHEMES.get((space === -1 ? value : value.slice(0, space)).toLowerCase());
  if (scheme === undefined) return undefined;
  const token = space === -1 ? '' : afterSpaces(value, space);
  if (token === '' || (hasComma && TOKEN_AND_COMMA.test(token))) {
    throw new VerificationFailure('credentials_malformed', {
      expected: 'a scheme, one space and one token',
      received: token === '' ? `${scheme} without a token` : 'more than a token',
      description: `The Authorization header must be "${scheme}", a space and one access token.`,
    });
  }
  return { scheme, token };
}

function hasFurtherScheme(value: string): boolean {
  for (const [, scheme] of value.matchAll(FURTHER_SCHEME)) if (scheme !== undefined) return true;
  return false;
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
