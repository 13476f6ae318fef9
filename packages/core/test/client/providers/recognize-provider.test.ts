import { describe, expect, it } from 'vitest';
import { recognizeProvider } from '../../../src/client/providers/recognize-provider.ts';

const TENANT = '0a1b2c3d-0000-4000-8000-abcdefabcdef';

describe('an issuer', () => {
  it.each([
    ['https://example.eu.auth0.com/', 'Auth0'],
    [`https://login.microsoftonline.com/${TENANT}/v2.0`, 'Microsoft Entra ID'],
    [`https://login.microsoftonline.us/${TENANT}/v2.0`, 'Microsoft Entra ID'],
    [`https://login.partner.microsoftonline.cn/${TENANT}/v2.0`, 'Microsoft Entra ID'],
    [`https://sts.windows.net/${TENANT}/`, 'Microsoft Entra ID'],
    ['https://example.okta.com', 'Okta'],
    ['https://example.oktapreview.com/oauth2/default', 'Okta'],
    ['https://login.example.com/oauth2/aus1a2b3c4d5e6f7g8h9', 'Okta'],
    ['https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123', 'Amazon Cognito'],
    ['https://sso.example.com/realms/work', 'Keycloak'],
    ['https://sso.example.com/auth/realms/work', 'Keycloak'],
    [`https://auth.pingone.com.au/${TENANT}/as`, 'PingOne'],
  ])('%s is one of %s', (issuer, provider) => {
    expect(recognizeProvider(issuer)?.provider).toBe(provider);
  });

  it.each([
    'https://auth.example.com',
    'https://auth0.com.example.org/',
    'https://notauth0.com/',
    'https://login.microsoftonline.com.example.org/x/v2.0',
    'https://cognito-idp.eu-west-1.amazonaws.com.example.org/x',
    'https://auth.pingone.example/../as',
    'https://sso.example.com/realms/work/extra',
    'https://auth.example.com/oauth2/v1',
    'no URL',
    '',
  ])('"%s" is of none that is known', (issuer) => {
    expect(recognizeProvider(issuer)).toBeUndefined();
  });
});

describe('a provider that is recognised', () => {
  it.each(['https://example.auth0.com/', 'https://example.okta.com', 'https://sso.example.com/realms/work'])(
    'of %s says which profile to use where a request is refused for what it asks',
    (issuer) => {
      const recognized = recognizeProvider(issuer);
      const refusal = {
        status: 400,
        error: 'invalid_request',
        description: 'odd',
        method: 'client_secret_basic',
      };
      expect(recognized?.hintFor(refusal)).toBe(
        `The issuer looks like ${recognized?.provider}: use provider: ${recognized?.usage}, which sends what it wants.`,
      );
      expect(recognized?.hintFor({ ...refusal, error: 'no_such_error' })).toBeUndefined();
      expect(recognized?.tokenRefusedHint).toMatch(/audience/);
    },
  );
});
