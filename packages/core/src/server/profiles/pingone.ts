import { printable } from '../../printable-text.ts';
import { readScopeText, readText } from './claim-readers.ts';
import { decideBySubject } from './subject-kind.ts';
import type { TokenProfile } from './token-profile.ts';
import { assertUntypedAccessToken, refuseType } from './token-type.ts';

/** A token that has little to be told by must not be another provider's, whose subjects mean something else. */
const FOREIGN_CLAIMS = ['azp', 'appid', 'cid', 'token_use', 'typ'];

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
    const foreign = FOREIGN_CLAIMS.find((claim) => claims[claim] !== undefined);
    if (foreign !== undefined)
      throw refuseType(
        'an access token of PingOne',
        `one of another provider (it has the claim "${foreign}")`,
      );
  },
  readClaims: (claims) => {
    const clientId = readText(claims, 'client_id');
    const subject = claims.sub === undefined ? clientId : readText(claims, 'sub');
    return {
      clientId,
      subject,
      scopes: readScopeText(claims, 'scope'),
      roles: [],
      ...(claims.sub === undefined
        ? { kind: 'machine', evidence: 'no "sub"' }
        : decideBySubject(claims, clientId, subject)),
    };
  },
};
