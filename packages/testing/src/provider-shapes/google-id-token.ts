import { TEST_PERSON, type ProviderShape } from './provider-shape.ts';

const SERVICE_ACCOUNT_ID = '104729551238867530917';

/**
 * Google's ID tokens, the only kind it has: a service account's names any audience it likes, and a person's is
 * meant for the client that signed the person in. No scopes in either.
 *
 * @see {@link https://cloud.google.com/docs/authentication/token-types#id | Google Cloud: ID tokens}
 */
export const googleIdToken: ProviderShape = (request) => {
  const { issuer: iss, audience, clientId, issuedAtSeconds: iat, expiresAtSeconds: exp } = request;
  if (request.subjectKind === 'user') {
    const { name, email } = TEST_PERSON;
    const person = { sub: '118230497756120349871', hd: 'example.com', email, email_verified: true, name };
    return { typ: 'JWT', claims: { iss, azp: clientId, aud: clientId, ...person, iat, exp } };
  }
  const email = `${clientId}@test-project.iam.gserviceaccount.com`;
  const account = { azp: SERVICE_ACCOUNT_ID, sub: SERVICE_ACCOUNT_ID, email, email_verified: true };
  return { typ: 'JWT', claims: { iss, aud: audience, ...account, iat, exp } };
};
