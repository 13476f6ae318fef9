import { readScopeArray, readScopeText, readText } from './claim-readers.ts';
import type { TokenProfile } from './token-profile.ts';
import { assertUntypedAccessToken } from './token-type.ts';

/**
 * Access tokens of Auth0, in its own dialect (`typ: JWT`, `azp`) and in the RFC 9068 one.
 *
 * Scopes are `scope` and, with role-based access control, `permissions`. Users have subjects such as
 * `auth0|5f7c8ec7c33c6c004bbafe82`; a machine is `<client id>@clients` with `gty: client-credentials`.
 *
 * @see {@link https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles | Auth0, access token profiles}
 */
export const auth0Profile: TokenProfile = {
  name: 'auth0',
  requiredClaims: ['sub', 'iat'],
  checkType: assertUntypedAccessToken,
  readClaims: (claims) => {
    const subject = readText(claims, 'sub');
    const isUser = claims.gty !== 'client-credentials' && subject.includes('|');
    return {
      clientId: readText(claims, 'client_id', 'azp'),
      subject,
      scopes: [...new Set([...readScopeText(claims, 'scope'), ...readScopeArray(claims, 'permissions')])],
      roles: [],
      kind: isUser ? 'user' : 'machine',
      evidence: isUser
        ? '"sub" names a connection and a user'
        : claims.gty === 'client-credentials'
          ? '"gty" is "client-credentials"'
          : '"sub" names no user',
    };
  },
};
