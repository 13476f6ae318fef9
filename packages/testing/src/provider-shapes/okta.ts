import { randomUUID } from 'node:crypto';
import { TEST_PERSON, type ProviderShape } from './provider-shape.ts';

const USER_ID = '00u1a2b3c4d5e6f7g8h9';

/**
 * An Okta custom authorization server: `cid` and the `scp` list, no `typ`; a user's token has `uid`. Its issuer has
 * a path without a trailing slash, such as `/oauth2/default`.
 *
 * @see {@link https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/ | Okta: OpenID Connect and OAuth 2.0}
 */
export const okta: ProviderShape = (request) => {
  const { issuer: iss, audience, clientId, scopes, issuedAtSeconds: iat, expiresAtSeconds: exp } = request;
  const { name, email } = TEST_PERSON;
  if (request.tokenKind === 'id-token') {
    const token = { ver: 1, jti: `ID.${randomUUID()}`, iss, aud: clientId, iat, exp };
    const person = { sub: USER_ID, name, email, preferred_username: email };
    const session = { amr: ['pwd'], idp: '00o9h8g7f6e5d4c3b2a1', auth_time: iat, nonce: randomUUID() };
    return { typ: null, claims: { ...token, ...person, ...session } };
  }
  const token = { ver: 1, jti: `AT.${randomUUID()}`, iss, aud: audience, iat, exp, cid: clientId };
  if (request.subjectKind === 'user') {
    const person = { uid: USER_ID, sub: email, auth_time: iat };
    return { typ: null, claims: { ...token, ...person, scp: ['openid', ...scopes] } };
  }
  return { typ: null, claims: { ...token, sub: clientId, scp: scopes } };
};
