import { printable } from '../../printable-text.ts';
import { VerificationFailure } from '../verification-failure.ts';
import type { TokenMembers } from './token-profile.ts';

const RFC9068_TYPE = /^(?:application\/)?at\+jwt$/i;

/** Claims that OpenID Connect puts into ID tokens and nobody into access tokens. */
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash'];

/** Tells whether a header says `at+jwt`. */
export function isAccessTokenType({ typ }: TokenMembers): boolean {
  return typeof typ === 'string' && RFC9068_TYPE.test(typ);
}

/**
 * Refuses tokens whose header names another type than an access token's, for providers that say `JWT` or
 * nothing, and ID tokens by their claims, which is what the missing type has to be made up for with.
 *
 * @throws VerificationFailure `token_type_not_allowed`
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3.12 | RFC 8725 §3.12}
 */
export function assertUntypedAccessToken(header: TokenMembers, claims: TokenMembers): void {
  const { typ } = header;
  const plain = typ === undefined || (typeof typ === 'string' && typ.toUpperCase() === 'JWT');
  if (!plain && !isAccessTokenType(header))
    throw refuseType('"typ": "at+jwt", "JWT" or none', printable(typ));
  const telltale = ID_TOKEN_CLAIMS.find((claim) => claims[claim] !== undefined);
  if (telltale !== undefined)
    throw refuseType('an access token', `an ID token (it has the claim "${telltale}")`);
}

/** A token of a kind that is not an access token. */
export function refuseType(expected: string, received: string): VerificationFailure {
  return new VerificationFailure('token_type_not_allowed', {
    expected,
    received,
    description:
      'The token is not an access token for this resource; an ID token or another kind of JWT does not serve as one.',
  });
}
