import { printable } from '../../printable-text.ts';
import { readScopeArray, readScopeText, readText } from './claim-readers.ts';
import type { TokenProfile } from './token-profile.ts';
import { assertUntypedAccessToken, refuseType } from './token-type.ts';

/**
 * Access tokens of an Okta custom authorization server.
 *
 * The client is `cid`, scopes are the array `scp`, and a user has `uid`, which a machine has not. The
 * server's one audience is what is configured in Okta: name it with the audience option. Its introspection
 * answers have `client_id` and `scope` instead.
 *
 * @see {@link https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/ | Okta, access token payload}
 */
export const oktaProfile: TokenProfile = {
  name: 'okta',
  requiredClaims: ['sub', 'cid', 'iat', 'jti'],
  checkType: (header, claims) => {
    assertUntypedAccessToken(header, claims);
    if (claims.cid === undefined) throw refuseType('an access token, which has "cid"', printable(claims.cid));
  },
  readClaims: (claims) => {
    const clientId = readText(claims, 'cid', 'client_id');
    const subject = readText(claims, 'sub');
    const isUser = claims.uid !== undefined && subject !== clientId;
    return {
      clientId,
      subject,
      // Every JWT has "cid": this one is an introspection answer.
      scopes: claims.cid === undefined ? readScopeText(claims, 'scope') : readScopeArray(claims, 'scp'),
      roles: [],
      kind: isUser ? 'user' : 'machine',
      evidence: isUser ? 'the claim "uid" is present' : 'no "uid", or "sub" equals "cid"',
    };
  },
};
