import { TEST_PERSON, type ProviderShape } from './provider-shape.ts';

const USER_ID = 'auth0|65f1c0de0a1b2c3d4e5f6a7b';

/**
 * Auth0 with its default access token profile, and permissions added to the token (RBAC). Its issuer ends in a
 * slash: create the authority with `path: '/'`.
 *
 * @see {@link https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles | Auth0: access token profiles}
 */
export const auth0: ProviderShape = (request) => {
  const { issuer, audience, clientId, scopes, issuedAtSeconds: iat, expiresAtSeconds: exp } = request;
  if (request.tokenKind === 'id-token') {
    const { name, email } = TEST_PERSON;
    const profile = { nickname: 'person', name, email, email_verified: true };
    const session = { sid: 'Yp3zWq8sR1', nonce: 'n-0S6_WzA2Mj' };
    return {
      typ: 'JWT',
      claims: { ...profile, iss: issuer, aud: clientId, sub: USER_ID, iat, exp, ...session },
    };
  }
  const authority = { azp: clientId, permissions: scopes };
  if (request.subjectKind === 'user') {
    const aud = [audience, new URL('userinfo', issuer).href];
    const scope = ['openid', 'profile', ...scopes].join(' ');
    return { typ: 'JWT', claims: { iss: issuer, sub: USER_ID, aud, iat, exp, scope, ...authority } };
  }
  const grant = { scope: scopes.join(' '), gty: 'client-credentials' };
  return {
    typ: 'JWT',
    claims: { iss: issuer, sub: `${clientId}@clients`, aud: audience, iat, exp, ...grant, ...authority },
  };
};
