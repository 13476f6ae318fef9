import { expect, it } from 'vitest';
import { validateAuthorizationServerMetadata } from '../../../src/authorization-server-metadata.ts';
import { assertAuthorizationServerSupport } from '../../../src/client/discovery/authorization-server-support.ts';
import { clientSecretBasic, TokenAcquisitionError } from '../../../src/client/index.ts';

it('M6: an issuer on https cannot send the credential to a token endpoint on loopback http', () => {
  const issuer = 'https://auth.example.com';
  const metadata = (tokenEndpoint: string) =>
    validateAuthorizationServerMetadata(issuer, `${issuer}/.well-known/oauth-authorization-server`, {
      issuer,
      token_endpoint: tokenEndpoint,
    });
  const authentication = clientSecretBasic({ clientSecret: 'secret' });
  const check = (tokenEndpoint: string) =>
    assertAuthorizationServerSupport(
      metadata(tokenEndpoint),
      { grantType: 'client_credentials', authentication },
      'https://mcp.example.com/mcp',
    );
  expect(check('https://tokens.example.com/token')).toBe('https://tokens.example.com/token');
  expect(() => check('http://127.0.0.1:8080/token')).toThrow(TokenAcquisitionError);
  expect(() => check('http://127.0.0.1:8080/token')).toThrow(/"token_endpoint" with https, received "http:/);
});
