import { describe, expect, it } from 'vitest';
import { clientSecretBasic } from '../../../src/client-authentication/client-secret-basic.ts';
import { privateKeyJwt } from '../../../src/client-authentication/private-key-jwt.ts';
import { cognito, type CognitoOptions } from '../../../src/client/providers/cognito.ts';
import {
  CLIENT_ID,
  createKeys,
  grant,
  hintOf,
  refuse,
  requestToken,
  SECRET,
  startIdentityProvider,
  type IdentityProvider,
} from './identity-provider.ts';

const ISSUER = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123';
const secret = clientSecretBasic({ clientSecret: SECRET });

/** Cognito with the scope `mcp-server/deploy:read`; it says no more than a code, and ignores `resource`. */
async function startCognito(): Promise<IdentityProvider> {
  return await startIdentityProvider(
    { issuer: '/eu-west-1_AbCdEf123', tokenEndpoint: '/oauth2/token' },
    ({ form, clientId, secret: given }) => {
      if (clientId !== CLIENT_ID || given !== SECRET) return refuse(400, 'invalid_client');
      const scope = form.get('scope');
      if (scope !== null && scope !== 'mcp-server/deploy:read') return refuse(400, 'invalid_scope');
      return grant(undefined, scope);
    },
  );
}

describe('the profile of Cognito', () => {
  const profile = cognito({ scopes: ['mcp-server/deploy:read'] });

  it('asks for scopes of a resource server', async () => {
    const at = await startCognito();
    expect(await requestToken({ at, profile, authentication: secret })).toBe('for:nobody');
    expect(at.forms()[0]?.get('scope')).toBe('mcp-server/deploy:read');
  });

  it('says that client secrets are all there is, and that its tokens have no audience', () => {
    expect(profile.authenticationMethods).toEqual(['client_secret_basic', 'client_secret_post']);
    expect(profile.tokenRefusedHint).toMatch(/has no audience/);
  });

  it.each([
    ['eu-west-1_AbCdEf123', ISSUER],
    ['us-gov-west-1_1x', 'https://cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_1x'],
    ['cn-north-1_1x', 'https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_1x'],
  ])('tells the issuer from the user pool %s, which names its region', (userPoolId, issuer) => {
    expect(cognito({ scopes: ['mcp-server/x'], userPoolId }).issuer).toBe(issuer);
  });

  it.each(['https://mcp.example.com/deploy', 'https://mcp.example.com/mcp/deploy:read'])(
    'takes the scope %s, as identifiers may be URLs',
    (scope) => {
      expect(cognito({ scopes: [scope, scope] }).scopes).toEqual([scope]);
    },
  );

  it.each<[string, unknown, RegExp]>([
    ['no scopes', {}, /^cognito: scopes must name at least one scope; define a resource server/],
    [
      'a bare scope',
      { scopes: ['deploy:read'] },
      /contains "deploy:read"; .* such as "mcp-server\/deploy:read"/,
    ],
    [
      'a scope without identifier',
      { scopes: ['/read'] },
      /write the identifier of the resource server before it/,
    ],
    ['an identifier without scope', { scopes: ['mcp-server/'] }, /write the identifier/],
    [
      'a user pool without region',
      { scopes: ['a/b'], userPoolId: 'AbCdEf123' },
      /userPoolId must be the id of the/,
    ],
    [
      'a host in the region',
      { scopes: ['a/b'], userPoolId: 'evil.example/eu-west-1_1' },
      /userPoolId must be/,
    ],
  ])('refuses %s', (_, options, message) => {
    expect(() => cognito(options as CognitoOptions)).toThrow(TypeError);
    expect(() => cognito(options as CognitoOptions)).toThrow(message);
  });
});

describe('a refusal by Cognito', () => {
  const profile = cognito({ scopes: ['mcp-server/deploy:read'] });

  it('of a key tells that it knows secrets alone', async () => {
    const at = await startCognito();
    const { key } = await createKeys('ES256');
    const authentication = privateKeyJwt({ key, algorithm: 'ES256' });
    expect(await hintOf({ at, profile, authentication })).toMatch(/^Cognito knows client secrets alone/);
  });

  it('of a scope without a profile says which to use', async () => {
    const at = await startCognito();
    const hint = await hintOf({ at, authentication: secret, issuer: ISSUER, scopes: ['deploy:read'] });
    expect(hint).toMatch(/use provider: cognito\(\{ scopes \}\)/);
  });

  it('of a secret tells what to check', async () => {
    const at = await startCognito();
    const authentication = clientSecretBasic({ clientSecret: 'wrong' });
    expect(await hintOf({ at, profile, authentication })).toMatch(/^Check the app client's id and secret/);
  });

  it.each([
    ['unauthorized_client', /^Allow this app client the client credentials grant/],
    ['invalid_grant', /custom scopes/],
    ['invalid_scope', /^Write every scope as/],
  ])('called %s is explained', (error, advice) => {
    const hint = profile.hintFor({
      status: 400,
      error,
      description: undefined,
      method: 'client_secret_basic',
    });
    expect(hint).toMatch(advice);
  });
});
