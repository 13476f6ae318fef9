import { printable } from '../../printable-text.ts';
import { VerificationFailure } from '../verification-failure.ts';
import type { TokenMembers } from './token-profile.ts';

const RFC9068_TYPE = /^(?:application\/)?at\+jwt$/i;

/** Claims of ID tokens and of logout tokens, which nobody puts into access tokens. */
const TELLTALE_CLAIMS: Readonly<Record<string, string>> = {
  nonce: 'an ID token',
  at_hash: 'an ID token',
  c_hash: 'an ID token',
  s_hash: 'an ID token',
  events: 'a logout token or another event',
};

/** What servers call the kind of a token inside it, or beside it in an introspection answer. */
const KIND_MEMBERS = ['typ', 'token_use', 'token_type'];
const ACCESS_KINDS = /^(?:bearer|dpop|access|access[_-]?token|jwt|(?:application\/)?at\+jwt)$/i;

/** Tells whether a header says `at+jwt`. */
export function isAccessTokenType({ typ }: TokenMembers): boolean {
  return typeof typ === 'string' && RFC9068_TYPE.test(typ);
}

/**
 * Refuses tokens whose header names another type than an access token's, for providers that say `JWT` or
 * nothing, and tokens of other kinds by their claims, which is what the missing type has to be made up for with.
 *
 * @throws VerificationFailure `token_type_not_allowed`
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3.12 | RFC 8725 §3.12}
 */
export function assertUntypedAccessToken(header: TokenMembers, claims: TokenMembers): void {
  assertPlainType(header);
  for (const [claim, kind] of Object.entries(TELLTALE_CLAIMS)) {
    if (claims[claim] !== undefined)
      throw refuseType('an access token', `${kind} (it has the claim "${claim}")`);
  }
  assertAccessKind(claims);
}

/**
 * Refuses a header that names another type than an access token's; `JWT` and none say nothing.
 *
 * @throws VerificationFailure `token_type_not_allowed`
 */
export function assertPlainType(header: TokenMembers): void {
  const { typ } = header;
  const plain = typ === undefined || (typeof typ === 'string' && typ.toUpperCase() === 'JWT');
  if (!plain && !isAccessTokenType(header))
    throw refuseType('"typ": "at+jwt", "JWT" or none', printable(typ));
}

/**
 * Refuses refresh tokens, ID tokens and whatever else says in its members that it is no access token. What says
 * nothing passes.
 *
 * @throws VerificationFailure `token_type_not_allowed`
 */
export function assertAccessKind(members: TokenMembers): void {
  for (const member of KIND_MEMBERS) {
    const kind = members[member];
    if (kind !== undefined && !(typeof kind === 'string' && ACCESS_KINDS.test(kind)))
      throw refuseType(`"${member}" of an access token`, printable(kind));
  }
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
