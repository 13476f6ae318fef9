import { printable } from '../../printable-text.ts';
import { readScopeText, readText } from './claim-readers.ts';
import { findMachineMark } from './subject-kind.ts';
import type { ProfiledClaims, TokenMembers, TokenProfile } from './token-profile.ts';
import { assertPlainType, refuseType } from './token-type.ts';

/**
 * Access tokens of Keycloak.
 *
 * The claim `typ` tells access tokens (`Bearer`, `DPoP`) from ID and refresh tokens, which share the header.
 * A person has a session (`sid`) and a name or a time of login. A client's service account is named
 * `service-account-<client id>` or comes with the client's address; where it may refresh its tokens it has a
 * session too. A token that was stripped of all this is taken for a machine's. Realm roles and client roles
 * (`client:role`) become roles, not scopes. The audience is there only with an audience mapper.
 *
 * @see {@link https://www.keycloak.org/docs/latest/server_admin/#_audience | Keycloak, audience support}
 */
export const keycloakProfile: TokenProfile = {
  name: 'keycloak',
  requiredClaims: ['sub', 'iat', 'jti'],
  checkType: (header, claims) => {
    // Nothing but "typ" is asked: before version 24 access tokens carry the nonce of the login too.
    assertPlainType(header);
    if (claims.typ !== 'Bearer' && claims.typ !== 'DPoP') {
      throw refuseType('the claim "typ": "Bearer" or "DPoP"', printable(claims.typ));
    }
  },
  readClaims: (claims) => ({
    clientId: readText(claims, 'azp', 'client_id'),
    subject: readText(claims, 'sub'),
    scopes: readScopeText(claims, 'scope'),
    roles: readRoles(claims),
    ...decideKind(claims),
  }),
};

function decideKind(claims: TokenMembers): Pick<ProfiledClaims, 'kind' | 'evidence'> {
  const mark = findMachineMark(claims);
  if (mark !== undefined) return { kind: 'machine', evidence: mark };
  if (claims.sid === undefined) return { kind: 'machine', evidence: 'no session ("sid")' };
  const sign = ['preferred_username', 'auth_time'].find((claim) => claims[claim] !== undefined);
  return sign === undefined
    ? { kind: 'machine', evidence: 'a session ("sid") without "preferred_username" and "auth_time"' }
    : { kind: 'user', evidence: `the session ("sid") of somebody with "${sign}"` };
}

function readRoles({ realm_access: realm, resource_access: clients }: TokenMembers): readonly string[] {
  const ofClients = isObject(clients)
    ? Object.entries(clients).flatMap(([client, access]) =>
        rolesOf(access).map((role) => `${client}:${role}`),
      )
    : [];
  return [...rolesOf(realm), ...ofClients];
}

function rolesOf(access: unknown): readonly string[] {
  const roles = isObject(access) ? access.roles : undefined;
  return Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [];
}

function isObject(value: unknown): value is TokenMembers {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
