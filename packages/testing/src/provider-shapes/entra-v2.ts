import { randomUUID } from 'node:crypto';
import { TEST_PERSON, type ProviderShape } from './provider-shape.ts';

export const ENTRA_TENANT_ID = '3c9a6b1e-58d2-4f0c-8a77-2e1d9f4b6c05';

/** A service principal's object id is its subject, and not the client id. */
export const ENTRA_SERVICE_PRINCIPAL_ID = 'a84f2d90-1c6b-4e35-b7d8-95e0c3f1a264';

/**
 * Microsoft Entra ID, version 2.0 tokens. A machine's authority is its app roles; `idtyp` is an optional claim and
 * left out: add `{ idtyp: 'app' }` for a tenant that has it switched on. The audience is the API's client id.
 *
 * @see {@link https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference | Entra: access token claims}
 */
export const entraV2: ProviderShape = (request) => {
  const { issuer: iss, audience, clientId, scopes, issuedAtSeconds: iat, expiresAtSeconds: exp } = request;
  const times = { iat, nbf: iat, exp };
  const token = { tid: ENTRA_TENANT_ID, uti: randomUUID(), ver: '2.0' };
  const { objectId: oid, name, email } = TEST_PERSON;
  const person = {
    name,
    oid,
    preferred_username: email,
    sub: 'pairwise-subject-of-the-person',
    sid: randomUUID(),
  };
  if (request.tokenKind === 'id-token') {
    return { typ: 'JWT', claims: { aud: clientId, iss, ...times, nonce: randomUUID(), ...person, ...token } };
  }
  const client = { azp: clientId, azpacr: '1' };
  if (request.subjectKind === 'user') {
    const scp = scopes.join(' ');
    return { typ: 'JWT', claims: { aud: audience, iss, ...times, ...client, ...person, scp, ...token } };
  }
  const machine = { oid: ENTRA_SERVICE_PRINCIPAL_ID, roles: scopes, sub: ENTRA_SERVICE_PRINCIPAL_ID };
  return { typ: 'JWT', claims: { aud: audience, iss, ...times, ...client, ...machine, ...token } };
};
