import { printable } from '../../printable-text.ts';
import { readScopeText, readText } from './claim-readers.ts';
import type { TokenProfile } from './token-profile.ts';
import { assertUntypedAccessToken, refuseType } from './token-type.ts';

/**
 * Access tokens of PingOne.
 *
 * A machine's token has no `sub`, or the client's id there; a user's names the user. Every access token has
 * `client_id`, which ID tokens have not.
 *
 * @see {@link https://docs.pingidentity.com/pingone/applications/p1_resources.html | PingOne, resources}
 */
export const pingOneProfile: TokenProfile = {
  name: 'pingone',
  requiredClaims: ['client_id', 'iat'],
  checkType: (header, claims) => {
    assertUntypedAccessToken(header, claims);
    if (claims.client_id === undefined) {
      throw refuseType('an access token, which has "client_id"', printable(claims.client_id));
    }
  },
  readClaims: (claims) => {
    const clientId = readText(claims, 'client_id');
    const subject = claims.sub === undefined ? clientId : readText(claims, 'sub');
    const isUser = subject !== clientId;
    return {
      clientId,
      subject,
      scopes: readScopeText(claims, 'scope'),
      roles: [],
      kind: isUser ? 'user' : 'machine',
      evidence: isUser ? '"sub" names somebody else than the client' : 'no "sub" but the client itself',
    };
  },
};
