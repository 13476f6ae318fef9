import { describe, expect, it } from 'vitest';
import { clientSecretBasic } from '../../../src/client-authentication/client-secret-basic.ts';
import { privateKeyJwt } from '../../../src/client-authentication/private-key-jwt.ts';
import { keycloak, type KeycloakOptions } from '../../../src/client/providers/keycloak.ts';
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

const secret = clientSecretBasic({ clientSecret: SECRET });
const signed = (problem: string) =>
  refuse(400, 'invalid_client', `Client authentication with signed JWT failed: ${problem}`);

/** A realm of Keycloak: the audience of its tokens is what a mapper says, whatever `resource` is. */
async function startKeycloak(
  publicKey?: Awaited<ReturnType<typeof createKeys>>['publicKey'],
  { serviceAccount = true } = {},
): Promise<IdentityProvider> {
  return await startIdentityProvider(
    { issuer: '/realms/work', tokenEndpoint: '/realms/work/protocol/openid-connect/token' },
    async ({ form, clientId, secret: given }, self) => {
      if (publicKey !== undefined) {
        const assertion = await readAssertion(form, publicKey);
        if (assertion === undefined) return signed('Signature on JWT token failed validation');
        const { aud, iat, exp } = assertion.claims as { aud: string; iat: number; exp: number };
        if (aud !== self.issuer)
          return signed(
            `Token audience doesn't match domain. Expected audiences are any of [${self.issuer}]`,
          );
        if (exp * 1000 < Date.now() || iat * 1000 > Date.now() + 15_000) return signed('Token is not active');
      } else if (clientId !== CLIENT_ID || given !== SECRET) {
        return refuse(401, 'unauthorized_client', 'Invalid client or Invalid client credentials');
      }
      if (!serviceAccount)
        return refuse(401, 'unauthorized_client', 'Client not enabled to retrieve service account');
      const scope = form.get('scope');
      if (scope !== null && scope !== 'mcp') return refuse(400, 'invalid_scope', `Invalid scopes: ${scope}`);
      return grant(RESOURCE, scope);
    },
  );
}

describe('the profile of Keycloak', () => {
  it('changes nothing of the request: a resource that is ignored does no harm', async () => {
    const at = await startKeycloak();
    expect(await requestToken({ at, profile: keycloak(), authentication: secret })).toBe(`for:${RESOURCE}`);
    expect(at.forms()[0]?.get('resource')).toBe(RESOURCE);
  });

  it('makes client assertions for the issuer', async () => {
    const { key, publicKey } = await createKeys('ES256');
    const at = await startKeycloak(publicKey);
    const authentication = privateKeyJwt({ key, algorithm: 'ES256' });
    const profile = keycloak({ scopes: ['mcp', 'mcp'] });
    expect(await requestToken({ at, profile, authentication })).toBe(`for:${RESOURCE}`);
    expect(at.forms()[0]?.get('scope')).toBe('mcp');
  });

  it('tells what to do where the MCP server misses an audience', () => {
    expect(keycloak().tokenRefusedHint).toMatch(/audience mapper/);
  });

  it.each([
    ['https://sso.example.com', 'work', 'https://sso.example.com/realms/work'],
    ['https://sso.example.com/', 'work', 'https://sso.example.com/realms/work'],
    ['https://sso.example.com/auth/', 'My work', 'https://sso.example.com/auth/realms/My%20work'],
    [new URL('http://127.0.0.1:8080'), 'work', 'http://127.0.0.1:8080/realms/work'],
  ])('tells the issuer from %s and %s', (serverUrl, realm, issuer) => {
    expect(keycloak({ serverUrl, realm }).issuer).toBe(issuer);
  });

  it.each<[string, unknown, RegExp]>([
    ['a server without realm', { serverUrl: 'https://sso.example.com' }, /serverUrl and realm go together/],
    ['a realm without server', { realm: 'work' }, /serverUrl and realm go together/],
    ['http', { serverUrl: 'http://sso.example.com', realm: 'work' }, /^keycloak: serverUrl must use https/],
    [
      'an issuer as server',
      { serverUrl: 'https://sso.example.com/realms/work', realm: 'work' },
      /without "\/realms/,
    ],
    [
      'a realm that leaves its place',
      { serverUrl: 'https://sso.example.com', realm: '../x' },
      /realm must be the name/,
    ],
    ['a dot as realm', { serverUrl: 'https://sso.example.com', realm: '..' }, /realm must be the name/],
    ['scopes in one text', { scopes: 'mcp' }, /^keycloak: scopes must be an array/],
  ])('refuses %s', (_, options, message) => {
    expect(() => keycloak(options as KeycloakOptions)).toThrow(TypeError);
    expect(() => keycloak(options as KeycloakOptions)).toThrow(message);
  });
});

describe('a refusal by Keycloak', () => {
  it('of a wrong secret, which is called unauthorized_client, tells to check the credential', async () => {
    const at = await startKeycloak();
    const authentication = clientSecretBasic({ clientSecret: 'wrong' });
    expect(await hintOf({ at, authentication })).toMatch(/^Check the client id and the secret or key/);
  });

  it('of a client without service account tells to switch it on', async () => {
    const at = await startKeycloak(undefined, { serviceAccount: false });
    expect(await hintOf({ at, profile: keycloak(), authentication: secret })).toMatch(
      /^Switch on the service account/,
    );
  });

  it('of an assertion from another time tells how far the clocks are apart', async () => {
    const { key, publicKey } = await createKeys('ES256');
    const at = await startKeycloak(publicKey);
    const authentication = privateKeyJwt({ key, algorithm: 'ES256' });
    const hint = await hintOf({ at, authentication, now: () => Date.now() + 3 * 3_600_000 });
    expect(hint).toMatch(/^The clock here is 3 hours ahead of the server's/);
    expect(hint).toMatch(/Synchronise the clocks here and of Keycloak/);
  });

  it('of an assertion for the token endpoint tells whom it must be for', async () => {
    const { key, publicKey } = await createKeys('ES256');
    const at = await startKeycloak(publicKey);
    const authentication = privateKeyJwt({ key, algorithm: 'ES256', audience: 'token-endpoint' });
    expect(await hintOf({ at, authentication })).toMatch(/^Make the issuer the realm's own/);
  });

  it('of an assertion by another key tells to register the key', async () => {
    const [{ publicKey }, { key }] = await Promise.all([createKeys('ES256'), createKeys('ES256')]);
    const at = await startKeycloak(publicKey);
    const authentication = privateKeyJwt({ key, algorithm: 'ES256' });
    expect(await hintOf({ at, authentication })).toMatch(
      /^Register the public key of this client in Keycloak/,
    );
  });

  it('of a scope tells where to add it', async () => {
    const at = await startKeycloak();
    expect(await hintOf({ at, authentication: secret, scopes: ['other'] })).toMatch(
      /^Add these as client scopes/,
    );
  });

  it.each([
    ['Public client not allowed to retrieve service account', /is a public client/],
    ['Client authentication with signed JWT failed: Token reuse detected', /repeats requests/],
    ['Client authentication with signed JWT failed: Missing ID on the token', /authenticator in Keycloak/],
    ['Realm does not exist', /case-sensitive/],
  ])('"%s" is explained', (description, advice) => {
    const hint = keycloak().hintFor({ status: 401, error: 'x', description, method: 'client_secret_basic' });
    expect(hint).toMatch(advice);
  });
});
