import { describe, expect, it } from 'vitest';
import { clientSecretBasic } from '../../../src/client-authentication/client-secret-basic.ts';
import { clientSecretPost } from '../../../src/client-authentication/client-secret-post.ts';
import { privateKeyJwt } from '../../../src/client-authentication/private-key-jwt.ts';
import { pingOne, type PingOneOptions } from '../../../src/client/providers/ping-one.ts';
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

const ENVIRONMENT = '0a1b2c3d-0000-4000-8000-abcdefabcdef';
const ISSUER = `https://auth.pingone.eu/${ENVIRONMENT}/as`;
const secret = clientSecretBasic({ clientSecret: SECRET });

/** PingOne with one custom resource; its applications have one authentication method each. */
async function startPingOne(
  publicKey?: Awaited<ReturnType<typeof createKeys>>['publicKey'],
): Promise<IdentityProvider> {
  return await startIdentityProvider(
    { issuer: `/${ENVIRONMENT}/as`, tokenEndpoint: `/${ENVIRONMENT}/as/token` },
    async ({ form, clientId, secret: given }, self) => {
      if (publicKey !== undefined) {
        const assertion = await readAssertion(form, publicKey);
        const audience = assertion?.claims.aud;
        if (audience !== self.issuer && audience !== self.tokenEndpoint)
          return refuse(
            401,
            'invalid_client',
            'Request denied: Invalid client assertion (Correlation ID: 1)',
          );
      } else if (form.has('client_secret')) {
        return refuse(
          401,
          'invalid_client',
          'Request denied: Unsupported authentication method (Correlation ID: 1)',
        );
      } else if (clientId !== CLIENT_ID || given !== SECRET) {
        return refuse(
          401,
          'invalid_client',
          'Request denied: Invalid client credentials (Correlation ID: 1)',
        );
      }
      const scope = form.get('scope');
      return scope === 'deploy:read'
        ? grant(RESOURCE, scope)
        : refuse(400, 'invalid_scope', 'At least one scope must be granted');
    },
  );
}

describe('the profile of PingOne', () => {
  const profile = pingOne({ scopes: ['deploy:read'] });

  it('asks for its scopes, which choose the resource', async () => {
    const at = await startPingOne();
    expect(await requestToken({ at, profile, authentication: secret })).toBe(`for:${RESOURCE}`);
    expect(at.forms()[0]?.get('scope')).toBe('deploy:read');
  });

  it('makes client assertions for the issuer', async () => {
    const { key, publicKey } = await createKeys();
    const at = await startPingOne(publicKey);
    const authentication = privateKeyJwt({ key, algorithm: 'RS256' });
    expect(await requestToken({ at, profile, authentication })).toBe(`for:${RESOURCE}`);
  });

  it('tells the issuer from environment and region', () => {
    const scopes = ['deploy:read'];
    expect(profile.issuer).toBeUndefined();
    expect(pingOne({ scopes, environmentId: ENVIRONMENT, region: 'eu' }).issuer).toBe(ISSUER);
    expect(pingOne({ scopes, environmentId: ENVIRONMENT, region: 'com.au' }).issuer).toBe(
      `https://auth.pingone.com.au/${ENVIRONMENT}/as`,
    );
  });

  it.each<[string, unknown, RegExp]>([
    ['no scopes', {}, /^pingOne: scopes must name at least one scope; in PingOne scopes choose the resource/],
    ['a region alone', { scopes: ['x'], region: 'eu' }, /environmentId and region go together/],
    [
      'an environment alone',
      { scopes: ['x'], environmentId: ENVIRONMENT },
      /environmentId and region go together/,
    ],
    [
      'an unknown region',
      { scopes: ['x'], environmentId: ENVIRONMENT, region: 'EU' },
      /region must be one of com, ca/,
    ],
    ['an environment that is none', { scopes: ['x'], environmentId: 'work', region: 'eu' }, /a GUID such as/],
  ])('refuses %s', (_, options, message) => {
    expect(() => pingOne(options as PingOneOptions)).toThrow(TypeError);
    expect(() => pingOne(options as PingOneOptions)).toThrow(message);
  });
});

describe('a refusal by PingOne', () => {
  const profile = pingOne({ scopes: ['deploy:read'] });

  it('of the authentication method tells where to set it', async () => {
    const at = await startPingOne();
    const authentication = clientSecretPost({ clientSecret: SECRET });
    expect(await hintOf({ at, profile, authentication })).toMatch(
      /^Set the token endpoint's authentication method/,
    );
  });

  it('of a secret tells what to check', async () => {
    const at = await startPingOne();
    const authentication = clientSecretBasic({ clientSecret: 'wrong' });
    expect(await hintOf({ at, profile, authentication })).toMatch(
      /^Check the client id and secret in this environment/,
    );
  });

  it('of a key tells to register it', async () => {
    const [{ publicKey }, { key }] = await Promise.all([createKeys(), createKeys()]);
    const at = await startPingOne(publicKey);
    const authentication = privateKeyJwt({ key, algorithm: 'RS256' });
    expect(await hintOf({ at, profile, authentication })).toMatch(/^Register the public key/);
  });

  it('of missing scopes without a profile says which to use', async () => {
    const at = await startPingOne();
    expect(await hintOf({ at, authentication: secret, issuer: ISSUER })).toMatch(
      /use provider: pingOne\(\{ scopes \}\)/,
    );
  });

  it.each([
    ['invalid_scope', 'scopes of multiple resources', /of one resource alone/],
    ['invalid_scope', undefined, /^Set scopes to ones of a custom resource/],
    ['unauthorized_client', undefined, /^Allow this application the client credentials grant/],
  ])('called %s (%s) is explained', (error, description, advice) => {
    expect(profile.hintFor({ status: 400, error, description, method: 'client_secret_basic' })).toMatch(
      advice,
    );
  });
});
