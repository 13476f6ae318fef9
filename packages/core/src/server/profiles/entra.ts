import { claimMissing } from '../claim-failure.ts';
import { readScopeArray, readScopeText, readText } from './claim-readers.ts';
import type { ProfiledClaims, TokenMembers, TokenProfile } from './token-profile.ts';
import { assertUntypedAccessToken, refuseType } from './token-type.ts';

/**
 * Access tokens of Microsoft Entra ID, versions 1 and 2.
 *
 * A machine has application permissions in `roles` and no `scp`: they are its scopes. A person's client has
 * delegated permissions in `scp`, its scopes; `roles` beside them are the person's roles and no scopes. An ID
 * token for the same application has the same audience and may have roles, but never `azp` or `appid`.
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
    const roles = readScopeArray(claims, 'roles');
    const { kind, evidence } = decideKind(claims, delegated);
    return {
      clientId: readText(claims, 'azp', 'appid'),
      subject: readText(claims, 'sub'),
      scopes: kind === 'user' ? delegated : roles,
      roles: kind === 'user' ? roles : [],
      kind,
      evidence,
    };
  },
};

function decideKind(
  { idtyp, oid, sub }: TokenMembers,
  delegated: readonly string[],
): Pick<ProfiledClaims, 'kind' | 'evidence'> {
  if (idtyp === 'app') return { kind: 'machine', evidence: '"idtyp" is "app"' };
  if (delegated.length > 0) return { kind: 'user', evidence: '"scp" holds delegated permissions' };
  // A service principal is its own subject, a person has one for each application.
  if (idtyp === 'user' || (oid !== undefined && oid !== sub)) throw claimMissing('scp');
  return { kind: 'machine', evidence: 'no "scp"' };
}
