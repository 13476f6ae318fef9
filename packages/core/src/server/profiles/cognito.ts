import { printable } from '../../printable-text.ts';
import { readScopeText, readText } from './claim-readers.ts';
import type { TokenProfile } from './token-profile.ts';
import { assertUntypedAccessToken, refuseType } from './token-type.ts';

/**
 * Access tokens of Amazon Cognito.
 *
 * They carry no audience: bind them to the clients that may call, with the audience option's `clientIds`.
 * `token_use` tells them from ID tokens. Scopes come as `resource-server/scope` and are kept whole. A user
 * has `username`; a machine's `sub` is its client id.
 *
 * @see {@link https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html | Cognito, the access token}
 */
export const cognitoProfile: TokenProfile = {
  name: 'cognito',
  requiredClaims: ['sub', 'client_id', 'iat', 'jti'],
  checkType: (header, claims) => {
    assertUntypedAccessToken(header, claims);
    if (claims.token_use !== 'access') throw refuseType('"token_use": "access"', printable(claims.token_use));
  },
  readClaims: (claims) => {
    const clientId = readText(claims, 'client_id');
    const subject = readText(claims, 'sub');
    const isUser = claims.username !== undefined && subject !== clientId;
    return {
      clientId,
      subject,
      scopes: readScopeText(claims, 'scope'),
      roles: [],
      kind: isUser ? 'user' : 'machine',
      evidence: isUser ? 'the claim "username" is present' : 'no "username", or "sub" equals "client_id"',
    };
  },
};
