import { describe, expect, it } from 'vitest';
import { clientSecretBasic } from '../../../src/client-authentication/client-secret-basic.ts';
import { privateKeyJwt } from '../../../src/client-authentication/private-key-jwt.ts';
import { okta, type OktaOptions } from '../../../src/client/providers/okta.ts';
import type { ProviderRefusal } from '../../../src/client/providers/provider-profile.ts';
import {
  CLIENT_ID,
  createKeys,
  grant,
  hintOf,
  readAssertion,
  refuse,
  requestToken,
  SECRET,
  startIdentityProvider,
  type IdentityProvider,
} from './identity-provider.ts';

const AUDIENCE = 'api://mcp';
const ISSUER = 'https://example.okta.com/oauth2/default';
const KEY_ID = 'deploy-2026';
const secret = clientSecretBasic({ clientSecret: SECRET });

/** A custom authorization server of Okta with the scope `deploy:read`. */
async function startOkta(
  publicKey?: Awaited<ReturnType<typeof createKeys>>['publicKey'],
): Promise<IdentityProvider> {
  return await startIdentityProvider(
    { issuer: '/oauth2/default', tokenEndpoint: '/oauth2/default/v1/token' },
    async ({ form, clientId, secret: given }, self) => {
      if (publicKey !== undefined) {
        const assertion = await readAssertion(form, publicKey);
        if (assertion === undefined)
          return refuse(401, 'invalid_client', 'The client_assertion signature is invalid.');
        if (assertion.header.kid !== KEY_ID)
          return refuse(401, 'invalid_client', 'The client_assertion JWT kid is invalid.');
        if (assertion.claims.aud !== self.tokenEndpoint)
          return refuse(
            401,
            'invalid_client',
            'The audience claim for client_assertion must be the endpoint invoked for the request.',
          );
      } else if (clientId !== CLIENT_ID || given !== SECRET) {
        return refuse(
          401,
          'invalid_client',
          'The client secret supplied for a confidential client is invalid.',
        );
      }
      const scope = form.get('scope');
      if (form.has('resource')) return refuse(400, 'invalid_target', 'The resource is not known.');
      if (scope === null)
        return refuse(
          400,
          'invalid_scope',
          "The authorization server resource does not have any configured default scopes, 'scope' must be provided.",
        );
      if (scope !== 'deploy:read')
        return refuse(
          400,
          'invalid_scope',
          'One or more scopes are not configured for the authorization server resource.',
        );
      return grant(AUDIENCE, scope);
    },
  );
}

describe('the profile of Okta', () => {
  const profile = okta({ scopes: ['deploy:read'] });

  it('asks for its scopes, and for no resource', async () => {
    const at = await startOkta();
    expect(await requestToken({ at, profile, authentication: secret })).toBe(`for:${AUDIENCE}`);
    expect(at.forms()[0]?.has('resource')).toBe(false);
  });

  it('makes client assertions for the token endpoint', async () => {
    const { key, publicKey } = await createKeys('ES256');
    const at = await startOkta(publicKey);
    const authentication = privateKeyJwt({ key, algorithm: 'ES256', keyId: KEY_ID });
    expect(await requestToken({ at, profile, authentication })).toBe(`for:${AUDIENCE}`);
  });

  it('tells the issuer from the domain, without a trailing slash', () => {
    const scopes = ['deploy:read'];
    expect(profile.issuer).toBeUndefined();
    expect(okta({ scopes, domain: 'example.okta.com' }).issuer).toBe(ISSUER);
    expect(okta({ scopes, domain: 'example.okta.com', authorizationServerId: 'aus1' }).issuer).toBe(
      'https://example.okta.com/oauth2/aus1',
    );
  });

  it.each<[string, unknown, RegExp]>([
    ['no scopes', {}, /^okta: scopes must name at least one scope; Okta gives no token without one/],
    ['an empty list of scopes', { scopes: [] }, /^okta: scopes must name at least one scope/],
    ['scopes in one text', { scopes: 'deploy:read' }, /^okta: scopes must be an array/],
    ['two scopes in one entry', { scopes: ['deploy:read deploy:write'] }, /is not one scope/],
    [
      'a scope of persons',
      { scopes: ['deploy:read', 'openid'] },
      /contains "openid", which Okta gives to persons/,
    ],
    [
      'a path in the domain',
      { scopes: ['x'], domain: 'example.okta.com/oauth2' },
      /domain must be a host name alone/,
    ],
    [
      'an id without domain',
      { scopes: ['x'], authorizationServerId: 'aus1' },
      /authorizationServerId needs domain/,
    ],
    [
      'an id that is a path',
      { scopes: ['x'], domain: 'example.okta.com', authorizationServerId: '../v1' },
      /authorizationServerId must be the id/,
    ],
  ])('refuses %s', (_, options, message) => {
    expect(() => okta(options as OktaOptions)).toThrow(TypeError);
    expect(() => okta(options as OktaOptions)).toThrow(message);
  });
});

describe('a refusal by Okta', () => {
  const profile = okta({ scopes: ['deploy:read'] });

  it('of the key id tells to set it', async () => {
    const { key, publicKey } = await createKeys('ES256');
    const at = await startOkta(publicKey);
    const authentication = privateKeyJwt({ key, algorithm: 'ES256' });
    expect(await hintOf({ at, profile, authentication })).toMatch(/^Set keyId to the id under which/);
  });

  it('of an assertion for the issuer says which profile to use', async () => {
    const { key, publicKey } = await createKeys('ES256');
    const at = await startOkta(publicKey);
    const authentication = privateKeyJwt({ key, algorithm: 'ES256', keyId: KEY_ID });
    expect(await hintOf({ at, authentication })).toMatch(
      /its token endpoint.*use provider: okta\(\{ scopes \}\)/,
    );
  });

  it('of an assertion by another key tells to register the key', async () => {
    const [{ publicKey }, { key }] = await Promise.all([createKeys('ES256'), createKeys('ES256')]);
    const at = await startOkta(publicKey);
    const authentication = privateKeyJwt({ key, algorithm: 'ES256', keyId: KEY_ID });
    expect(await hintOf({ at, profile, authentication })).toMatch(/^Register the public half of this key/);
  });

  it('of a resource says which profile to use', async () => {
    const at = await startOkta();
    expect(await hintOf({ at, authentication: secret, scopes: ['deploy:read'] })).toMatch(
      /one audience and knows no resource: use provider: okta/,
    );
  });

  it('of scopes that the server does not have tells where to add them', async () => {
    const at = await startOkta();
    expect(await hintOf({ at, profile: okta({ scopes: ['other'] }), authentication: secret })).toMatch(
      /^Add these scopes to the custom authorization server/,
    );
  });

  it('of a wrong secret tells what to check', async () => {
    const at = await startOkta();
    const authentication = clientSecretBasic({ clientSecret: 'wrong' });
    expect(await hintOf({ at, profile, authentication })).toMatch(
      /^Check the client id, and the secret or key/,
    );
  });

  it.each<[string, Partial<ProviderRefusal>, RegExp]>([
    ['a missing proof', { error: 'invalid_dpop_proof' }, /request tokens with DPoP/],
    ['a missing nonce', { error: 'use_dpop_nonce' }, /with a nonce of Okta/],
    [
      'the policy',
      { error: 'access_denied', description: 'Policy evaluation failed for this request' },
      /access policy/,
    ],
    [
      'the org authorization server',
      {
        error: 'invalid_client',
        description:
          'Client Credentials requests to the Org Authorization Server must use the private_key_jwt token_endpoint_auth_method.',
      },
      /make the issuer a custom authorization server/,
    ],
    ['the grant', { error: 'unauthorized_client' }, /allow it the client credentials grant/],
    [
      'an expired assertion',
      { error: 'invalid_client', description: 'The client_assertion token is expired.' },
      /clock/,
    ],
    [
      'missing scopes',
      { error: 'invalid_scope', description: "no configured default scopes, 'scope' must be provided." },
      /^Name at least one scope/,
    ],
  ])('for %s is explained', (_, refusal, advice) => {
    const hint = profile.hintFor({
      status: 400,
      error: undefined,
      description: undefined,
      method: 'private_key_jwt',
      ...refusal,
    });
    expect(hint).toMatch(advice);
  });
});
