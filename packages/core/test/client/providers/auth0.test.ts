import { describe, expect, it } from 'vitest';
import { clientSecretPost } from '../../../src/client-authentication/client-secret-post.ts';
import { privateKeyJwt } from '../../../src/client-authentication/private-key-jwt.ts';
import { auth0, type Auth0Options } from '../../../src/client/providers/auth0.ts';
import {
  CLIENT_ID,
  createKeys,
  grant,
  hintOf,
  readAssertion,
  refuse,
  requestToken,
  RESOURCE,
  SECRET,
  startIdentityProvider,
  type IdentityProvider,
} from './identity-provider.ts';

const ISSUER = 'https://example.eu.auth0.com/';
const UNGRANTED = 'https://other.example.com';
const secret = clientSecretPost({ clientSecret: SECRET });

/** Auth0 with two APIs, of which the client may use one; `resource` is ignored. */
async function startAuth0(
  publicKey?: Awaited<ReturnType<typeof createKeys>>['publicKey'],
): Promise<IdentityProvider> {
  return await startIdentityProvider(
    { issuer: '/', tokenEndpoint: '/oauth/token' },
    async ({ form, clientId, secret: given }, self) => {
      if (publicKey !== undefined) {
        const assertion = await readAssertion(form, publicKey);
        if (assertion?.claims.aud !== self.issuer)
          return refuse(401, 'invalid_client', 'Invalid client assertion');
      } else if (clientId !== CLIENT_ID || given !== SECRET) {
        return refuse(401, 'access_denied', 'Unauthorized');
      }
      const audience = form.get('audience');
      if (audience === null) {
        return refuse(
          403,
          'access_denied',
          'No audience parameter was provided, and no default audience has been configured',
        );
      }
      if (audience === UNGRANTED) {
        return refuse(
          403,
          'access_denied',
          `Client is not authorized to access "${UNGRANTED}". You need to create a "client-grant" associated to this API.`,
        );
      }
      if (audience !== RESOURCE)
        return refuse(403, 'access_denied', `Service not enabled within domain: ${audience}`);
      return grant(audience);
    },
  );
}

describe('the profile of Auth0', () => {
  it('names the API by audience, and not by resource', async () => {
    const at = await startAuth0();
    const profile = auth0({ audience: RESOURCE });
    expect(await requestToken({ at, profile, authentication: secret })).toBe(`for:${RESOURCE}`);
    expect(at.forms()[0]?.get('resource')).toBeNull();
    expect(at.forms()[0]?.get('scope')).toBeNull();
  });

  it('makes client assertions for the issuer, trailing slash included', async () => {
    const { key, publicKey } = await createKeys();
    const at = await startAuth0(publicKey);
    const authentication = privateKeyJwt({ key, algorithm: 'RS256' });
    const profile = auth0({ audience: RESOURCE });
    expect(await requestToken({ at, profile, authentication })).toBe(`for:${RESOURCE}`);
  });

  it('tells the issuer from the domain, with the trailing slash that Auth0 has', () => {
    expect(auth0({ audience: RESOURCE, domain: 'Example.eu.auth0.com' }).issuer).toBe(ISSUER);
    expect(auth0({ audience: RESOURCE }).issuer).toBeUndefined();
  });

  it.each<[string, unknown, RegExp]>([
    ['no audience', {}, /^auth0: audience must be the identifier of the API in Auth0/],
    ['a blank audience', { audience: ' ' }, /^auth0: audience must be/],
    [
      'a URL as domain',
      { audience: RESOURCE, domain: 'https://example.auth0.com/' },
      /^auth0: domain must be a host name alone, such as "example.eu.auth0.com"/,
    ],
    ['a misspelt option', { audiance: RESOURCE }, /unknown option "audiance", did you mean "audience"/],
    ['no options', undefined, /auth0 takes an object/],
  ])('refuses %s', (_, options, message) => {
    expect(() => auth0(options as Auth0Options)).toThrow(TypeError);
    expect(() => auth0(options as Auth0Options)).toThrow(message);
  });

  it('is not to be changed', () => {
    const profile = auth0({ audience: RESOURCE });
    expect(Object.isFrozen(profile)).toBe(true);
    expect(Object.isFrozen(profile.tokenParameters)).toBe(true);
  });
});

describe('a refusal by Auth0', () => {
  it('without a profile says which to use, where the audience is missing', async () => {
    const at = await startAuth0();
    expect(await hintOf({ at, authentication: secret, issuer: ISSUER })).toContain(
      'use provider: auth0({ audience })',
    );
  });

  it('of an unknown audience tells that it is compared character by character', async () => {
    const at = await startAuth0();
    const profile = auth0({ audience: `${RESOURCE}/` });
    const hint = await hintOf({ at, profile, authentication: secret });
    expect(hint).toMatch(/exactly as Auth0 has it, a trailing slash included/);
    expect(hint).not.toContain('use provider');
  });

  it('of an API that the application was not given tells to authorise it', async () => {
    const at = await startAuth0();
    const profile = auth0({ audience: UNGRANTED });
    expect(await hintOf({ at, profile, authentication: secret })).toMatch(
      /Authorise this application for the API/,
    );
  });

  it('of a wrong secret, which is called access_denied, tells to check the secret', async () => {
    const at = await startAuth0();
    const profile = auth0({ audience: RESOURCE });
    const authentication = clientSecretPost({ clientSecret: 'another one' });
    expect(await hintOf({ at, profile, authentication })).toMatch(/Check the client id and the secret/);
  });

  it('of an assertion by another key tells to register the key', async () => {
    const [{ publicKey }, { key }] = await Promise.all([createKeys(), createKeys()]);
    const at = await startAuth0(publicKey);
    const profile = auth0({ audience: RESOURCE });
    const authentication = privateKeyJwt({ key, algorithm: 'RS256' });
    expect(await hintOf({ at, profile, authentication })).toMatch(/Register the public key/);
  });

  it('of the grant tells where to allow it', () => {
    const hint = auth0({ audience: RESOURCE }).hintFor({
      status: 403,
      error: 'unauthorized_client',
      description: "Grant type 'client_credentials' not allowed for the client.",
      method: 'client_secret_post',
    });
    expect(hint).toMatch(/machine-to-machine application/);
  });
});
