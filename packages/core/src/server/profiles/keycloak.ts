import { printable } from '../../printable-text.ts';
import { readScopeText, readText } from './claim-readers.ts';
import type { TokenMembers, TokenProfile } from './token-profile.ts';
import { assertUntypedAccessToken, refuseType } from './token-type.ts';

/**
 * Access tokens of Keycloak.
 *
 * The claim `typ` tells access tokens (`Bearer`, `DPoP`) from ID and refresh tokens, which share the header.
 * A person has a session (`sid`); a client's service account has none, and is named
 * `service-account-<client id>`. Realm roles and client roles (`client:role`) become roles, not scopes. The
 * audience is there only with an audience mapper.
 *
 * @see {@link https://www.keycloak.org/docs/latest/server_admin/#_audience | Keycloak, audience support}
 */
export const keycloakProfile: TokenProfile = {
  name: 'keycloak',
  requiredClaims: ['sub', 'iat', 'jti'],
  checkType: (header, claims) => {
    assertUntypedAccessToken(header, claims);
    if (claims.typ !== 'Bearer' && claims.typ !== 'DPoP') {
      throw refuseType('the claim "typ": "Bearer" or "DPoP"', printable(claims.typ));
    }
  },
  readClaims: (claims) => {
    const { preferred_username: name, sid } = claims;
    const isServiceAccount = typeof name === 'string' && name.startsWith('service-account-');
    const isUser = sid !== undefined && !isServiceAccount;
    return {
      clientId: readText(claims, 'azp', 'client_id'),
      subject: readText(claims, 'sub'),
      scopes: readScopeText(claims, 'scope'),
      roles: readRoles(claims),
      kind: isUser ? 'user' : 'machine',
      evidence: isUser
        ? 'the token belongs to a session ("sid")'
        : isServiceAccount
          ? '"preferred_username" is a service account'
          : 'no session ("sid")',
    };
  },
};

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
