import { JWT_BEARER_GRANT, TOKEN_EXCHANGE_GRANT } from '../grants/grant-types.ts';

const INSTEAD = 'use grant_type=client_credentials';

const GUIDANCE = new Map<string, string>([
  [
    'password',
    `the password grant is not offered, it hands a person's password to a program; ${INSTEAD} with the machine's own client id`,
  ],
  ['implicit', `the implicit grant is not offered, no person signs in here; ${INSTEAD}`],
  [
    'authorization_code',
    `the authorization code grant is not offered, no person signs in here; a machine is to ${INSTEAD}, a person's client needs an authorization server where people sign in`,
  ],
  ['refresh_token', `refresh tokens are not issued to machines; ${INSTEAD} again when the token expires`],
  [
    'urn:ietf:params:oauth:grant-type:device_code',
    `the device grant is not offered, no person signs in here; ${INSTEAD}`,
  ],
  [
    'urn:openid:params:grant-type:ciba',
    `backchannel authentication is not offered, no person signs in here; ${INSTEAD}`,
  ],
  [
    'urn:ietf:params:oauth:grant-type:saml2-bearer',
    `SAML assertions are not accepted; use grant_type=${JWT_BEARER_GRANT} with a JWT of a trusted issuer`,
  ],
]);

/** The grants a token can be requested with. */
export const GRANT_TYPES: readonly string[] = ['client_credentials', JWT_BEARER_GRANT, TOKEN_EXCHANGE_GRANT];

/**
 * Says what to use instead of a grant that is not offered.
 *
 * @param grantType - `grant_type` of the request
 */
export function grantGuidance(grantType: string): string {
  return GUIDANCE.get(grantType) ?? `this grant is not offered; ${INSTEAD}`;
}

/** What the authorization endpoint answers to everybody. */
export const AUTHORIZATION_GUIDANCE = `no response_type is supported, no person signs in here; ${INSTEAD} at the token endpoint`;
