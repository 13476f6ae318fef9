import { randomUUID } from 'node:crypto';
import { TEST_PERSON, type ProviderShape } from './provider-shape.ts';

/**
 * PingOne with a custom resource: `typ` is optional and left out, and a machine's token has no subject. Its issuer's
 * path is `/<environment>/as`.
 *
 * @see {@link https://developer.pingidentity.com/pingone-api/foundations/authentication-concepts/access-tokens-and-id-tokens/token-claims.html | PingOne: token claims}
 */
export const pingone: ProviderShape = (request) => {
  const { issuer: iss, audience, clientId, scopes, issuedAtSeconds: iat, expiresAtSeconds: exp } = request;
  const { objectId: sub, name, email } = TEST_PERSON;
  if (request.tokenKind === 'id-token') {
    const session = {
      auth_time: iat,
      acr: 'Single_Factor',
      amr: ['pwd'],
      nonce: randomUUID(),
      sid: randomUUID(),
    };
    const person = { sub, name, email, preferred_username: email };
    return { typ: null, claims: { iss, aud: clientId, iat, exp, jti: randomUUID(), ...session, ...person } };
  }
  const token = { client_id: clientId, iss, aud: [audience], iat, exp, jti: randomUUID() };
  if (request.subjectKind === 'user') {
    const scope = ['openid', ...scopes].join(' ');
    return {
      typ: null,
      claims: { ...token, sub, sid: randomUUID(), auth_time: iat, acr: 'Single_Factor', scope },
    };
  }
  return { typ: null, claims: { ...token, scope: scopes.join(' ') } };
};
