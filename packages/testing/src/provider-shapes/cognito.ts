import { randomUUID } from 'node:crypto';
import { TEST_PERSON, type ProviderShape } from './provider-shape.ts';

/**
 * Amazon Cognito: no `typ`, and no audience in access tokens. Scopes carry the resource server's identifier, here
 * the audience, before a slash; a scope that has a slash already is kept. Its issuer's path is the pool's id.
 *
 * @see {@link https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html | Cognito: the access token}
 */
export const cognito: ProviderShape = (request) => {
  const { issuer: iss, audience, clientId, issuedAtSeconds: iat, expiresAtSeconds: exp } = request;
  const { objectId: sub, email } = TEST_PERSON;
  const token = { iss, auth_time: iat, iat, exp, jti: randomUUID() };
  const session = { origin_jti: randomUUID(), event_id: randomUUID() };
  if (request.tokenKind === 'id-token') {
    const person = { sub, email, email_verified: true, 'cognito:username': sub };
    return { typ: null, claims: { ...token, ...session, ...person, aud: clientId, token_use: 'id' } };
  }
  const scopes = request.scopes.map((scope) => (scope.includes('/') ? scope : `${audience}/${scope}`));
  const access = { token_use: 'access', version: 2, client_id: clientId };
  if (request.subjectKind === 'user') {
    const scope = ['openid', ...scopes].join(' ');
    return { typ: null, claims: { ...token, ...session, ...access, sub, username: sub, scope } };
  }
  return { typ: null, claims: { ...token, ...access, sub: clientId, scope: scopes.join(' ') } };
};
