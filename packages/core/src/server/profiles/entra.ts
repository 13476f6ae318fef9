import { readScopeArray, readScopeText, readText } from './claim-readers.ts';
import type { TokenProfile } from './token-profile.ts';
import { assertUntypedAccessToken, refuseType } from './token-type.ts';

/**
 * Access tokens of Microsoft Entra ID, versions 1 and 2.
 *
 * A machine has application permissions in `roles` and no `scp`; a person has delegated ones in `scp`, where
 * roles may stand beside. Both count as scopes. An ID token for the same application has the same audience
 * and may have roles, but never `azp` or `appid`.
 *
 * @see {@link https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference | Entra ID, access token claims}
 */
export const entraProfile: TokenProfile = {
  name: 'entra',
  requiredClaims: ['sub', 'iat', 'tid'],
  checkType: (header, claims) => {
    assertUntypedAccessToken(header, claims);
    if (claims.azp === undefined && claims.appid === undefined) {
      throw refuseType('an access token, which has "azp" or "appid"', 'a token with neither');
    }
  },
  readClaims: (claims) => {
    const delegated = readScopeText(claims, 'scp');
    const isUser = delegated.length > 0 && claims.idtyp !== 'app';
    return {
      clientId: readText(claims, 'azp', 'appid'),
      subject: readText(claims, 'sub'),
      scopes: [...new Set([...delegated, ...readScopeArray(claims, 'roles')])],
      roles: [],
      kind: isUser ? 'user' : 'machine',
      evidence: isUser
        ? '"scp" holds delegated permissions'
        : claims.idtyp === 'app'
          ? '"idtyp" is "app"'
          : 'no "scp"',
    };
  },
};
