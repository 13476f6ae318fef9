import { randomUUID } from 'node:crypto';
import { ENTRA_SERVICE_PRINCIPAL_ID, ENTRA_TENANT_ID } from './entra-v2.ts';
import { TEST_PERSON, type ProviderShape } from './provider-shape.ts';

/**
 * Microsoft Entra ID, version 1.0 tokens: the client is `appid`, and the audience is the API's app id URI. Its
 * issuer ends in a slash after the tenant: create the authority with a path such as `/<tenant>/`.
 *
 * @see {@link https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference | Entra: access token claims}
 */
export const entraV1: ProviderShape = (request) => {
  const { issuer: iss, audience, clientId, scopes, issuedAtSeconds: iat, expiresAtSeconds: exp } = request;
  const times = { iat, nbf: iat, exp };
  const token = { tid: ENTRA_TENANT_ID, uti: randomUUID(), ver: '1.0' };
  const { objectId: oid, name, email } = TEST_PERSON;
  const person = {
    amr: ['pwd'],
    name,
    oid,
    sub: 'pairwise-subject-of-the-person',
    unique_name: email,
    upn: email,
  };
  if (request.tokenKind === 'id-token') {
    return { typ: 'JWT', claims: { aud: clientId, iss, ...times, nonce: randomUUID(), ...person, ...token } };
  }
  const client = { appid: clientId, appidacr: '1' };
  if (request.subjectKind === 'user') {
    const scp = scopes.join(' ');
    return {
      typ: 'JWT',
      claims: { aud: audience, iss, ...times, acr: '1', ...client, ...person, scp, ...token },
    };
  }
  const principal = {
    idp: iss,
    oid: ENTRA_SERVICE_PRINCIPAL_ID,
    sub: ENTRA_SERVICE_PRINCIPAL_ID,
    roles: scopes,
  };
  return { typ: 'JWT', claims: { aud: audience, iss, ...times, ...client, ...principal, ...token } };
};
