import { claimInvalid } from '../claim-failure.ts';
import { readScopeArray, readScopeText, readText } from './claim-readers.ts';
import { findMachineMark } from './subject-kind.ts';
import type { ProfiledClaims, TokenMembers, TokenProfile } from './token-profile.ts';
import { assertUntypedAccessToken } from './token-type.ts';

/**
 * Access tokens of Auth0, in its own dialect (`typ: JWT`, `azp`) and in the RFC 9068 one.
 *
 * A machine is `<client id>@clients`, mostly with `gty: client-credentials`; its scopes are `scope` and, with
 * role-based access control, `permissions`. Users have subjects such as `auth0|5f7c8ec7c33c6c004bbafe82`; their
 * scopes are `scope` alone, what the client was granted. All `permissions` of a user, whatever the client asked
 * for, are roles.
 *
 * @see {@link https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles | Auth0, access token profiles}
 */
export const auth0Profile: TokenProfile = {
  name: 'auth0',
  requiredClaims: ['sub', 'iat'],
  checkType: assertUntypedAccessToken,
  readClaims: (claims) => {
    const subject = readText(claims, 'sub');
    const scopes = readScopeText(claims, 'scope');
    const permissions = readScopeArray(claims, 'permissions');
    const { kind, evidence } = decideKind(claims, subject);
    return {
      clientId: readText(claims, 'client_id', 'azp'),
      subject,
      scopes: kind === 'user' ? scopes : [...new Set([...scopes, ...permissions])],
      roles: kind === 'user' ? permissions : [],
      kind,
      evidence,
    };
  },
};

function decideKind(claims: TokenMembers, subject: string): Pick<ProfiledClaims, 'kind' | 'evidence'> {
  if (subject.endsWith('@clients')) return { kind: 'machine', evidence: '"sub" ends in "@clients"' };
  if (!subject.includes('|'))
    throw claimInvalid('sub', '"<connection>|<user>" or "<client id>@clients"', subject);
  const mark = findMachineMark(claims);
  if (mark !== undefined) return { kind: 'machine', evidence: mark };
  return { kind: 'user', evidence: '"sub" names a connection and a user' };
}
