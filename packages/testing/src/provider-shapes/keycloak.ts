import { randomUUID } from 'node:crypto';
import { TEST_PERSON, type ProviderShape } from './provider-shape.ts';

const SERVICE_ACCOUNT_ID = '5b0d7c3a-9e41-4f28-86b2-d17a0e93c4f5';

/**
 * Keycloak, with an audience mapper for your API; `{ aud: 'account' }` or `{ aud: undefined }` is a realm that
 * lacks the mapper. The payload's own `typ` tells `Bearer` from `ID`. Its issuer's path is `/realms/<name>`.
 *
 * @see {@link https://www.keycloak.org/docs/latest/server_admin/#_audience | Keycloak: audience support},
 *   {@link https://www.keycloak.org/docs/latest/server_admin/#_service_accounts | Keycloak: service accounts}
 */
export const keycloak: ProviderShape = (request) => {
  const { issuer: iss, audience, clientId, scopes, issuedAtSeconds: iat, expiresAtSeconds: exp } = request;
  const { name, email, objectId } = TEST_PERSON;
  const token = { exp, iat, jti: randomUUID(), iss };
  const person = {
    sub: objectId,
    sid: randomUUID(),
    name,
    email,
    email_verified: true,
    preferred_username: email,
  };
  if (request.tokenKind === 'id-token') {
    const authentication = { auth_time: iat, acr: '1', nonce: randomUUID() };
    return {
      typ: 'JWT',
      claims: { ...token, aud: clientId, typ: 'ID', azp: clientId, ...authentication, ...person },
    };
  }
  const access = {
    aud: [audience, 'account'],
    typ: 'Bearer',
    azp: clientId,
    acr: '1',
    realm_access: { roles: ['offline_access', 'uma_authorization'] },
    resource_access: { account: { roles: ['manage-account', 'view-profile'] } },
  };
  if (request.subjectKind === 'user') {
    const scope = ['openid', 'profile', 'email', ...scopes].join(' ');
    return { typ: 'JWT', claims: { ...token, ...access, ...person, scope } };
  }
  const serviceAccount = {
    sub: SERVICE_ACCOUNT_ID,
    scope: ['profile', 'email', ...scopes].join(' '),
    client_id: clientId,
    preferred_username: `service-account-${clientId.toLowerCase()}`,
    email_verified: false,
    clientHost: '127.0.0.1',
    clientAddress: '127.0.0.1',
  };
  return { typ: 'JWT', claims: { ...token, ...access, ...serviceAccount } };
};
