import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createTestAuthority,
  IDENTITY_PROVIDERS,
  type IdentityProvider,
  type TestAuthority,
} from '../src/index.ts';

const AUDIENCE = 'https://api.example.com';
const CLIENT = 'nightly-report';
const about = { clientId: CLIENT, scopes: ['deploy:read', 'deploy:write'] };

let authority: TestAuthority;
beforeAll(async () => {
  authority = await createTestAuthority({ path: '/', algorithm: 'RS256', audience: AUDIENCE });
});
afterAll(() => authority.close());

/** Per provider: the header's type, what a machine's token has, and what it must not have. */
const machines: Record<IdentityProvider, [typ: string | undefined, has: object, lacks: string[]]> = {
  auth0: [
    'JWT',
    {
      sub: `${CLIENT}@clients`,
      aud: AUDIENCE,
      azp: CLIENT,
      gty: 'client-credentials',
      scope: 'deploy:read deploy:write',
      permissions: about.scopes,
    },
    ['client_id', 'jti'],
  ],
  'auth0-rfc9068': [
    'at+jwt',
    { sub: `${CLIENT}@clients`, aud: AUDIENCE, client_id: CLIENT, scope: 'deploy:read deploy:write' },
    ['azp', 'gty'],
  ],
  'entra-v2': [
    'JWT',
    { aud: AUDIENCE, azp: CLIENT, roles: about.scopes, ver: '2.0' },
    ['scp', 'jti', 'idtyp', 'appid'],
  ],
  'entra-v1': [
    'JWT',
    { aud: AUDIENCE, appid: CLIENT, roles: about.scopes, ver: '1.0' },
    ['scp', 'jti', 'azp'],
  ],
  okta: [
    undefined,
    { aud: AUDIENCE, cid: CLIENT, sub: CLIENT, scp: about.scopes },
    ['uid', 'scope', 'client_id'],
  ],
  keycloak: [
    'JWT',
    {
      aud: [AUDIENCE, 'account'],
      azp: CLIENT,
      client_id: CLIENT,
      preferred_username: `service-account-${CLIENT}`,
      typ: 'Bearer',
      scope: 'profile email deploy:read deploy:write',
      realm_access: { roles: expect.any(Array) as unknown },
      resource_access: { account: { roles: expect.any(Array) as unknown } },
    },
    ['sid', 'name'],
  ],
  cognito: [
    undefined,
    {
      client_id: CLIENT,
      sub: CLIENT,
      token_use: 'access',
      scope: `${AUDIENCE}/deploy:read ${AUDIENCE}/deploy:write`,
    },
    ['aud', 'username'],
  ],
  pingone: [
    undefined,
    { aud: [AUDIENCE], client_id: CLIENT, scope: 'deploy:read deploy:write' },
    ['sub', 'sid'],
  ],
  'google-id-token': [
    'JWT',
    { aud: AUDIENCE, email: expect.stringMatching(/gserviceaccount\.com$/) as unknown },
    ['scope', 'client_id', 'jti'],
  ],
};

describe.each(IDENTITY_PROVIDERS)('%s', (provider) => {
  test("mints a machine's access token in the provider's shape, verifiable by the published keys", async () => {
    const [typ, has, lacks] = machines[provider];
    const token = authority.mintAs(provider, {}, about);
    const keys = createRemoteJWKSet(new URL(authority.jwksUri));
    const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer: authority.issuer });
    expect(protectedHeader.typ).toBe(typ);
    expect(payload).toMatchObject(has);
    for (const claim of lacks) expect(payload).not.toHaveProperty(claim);
    expect(payload.exp).toBe((payload.iat ?? 0) + 300);
  });

  test("mints a person's token that differs in its subject", () => {
    const machine = decodeJwt(authority.mintAs(provider, {}, about));
    const user = decodeJwt(authority.mintAs(provider, {}, { ...about, subjectKind: 'user' }));
    expect(user.sub).toEqual(expect.any(String));
    expect(user.sub).not.toBe(machine.sub);
    expect(JSON.stringify(user)).not.toMatch(/client-credentials|service-account|@clients|gserviceaccount/);
  });

  test('mints an ID token without any authority', () => {
    const claims = decodeJwt(authority.mintAs(provider, {}, { ...about, tokenKind: 'id-token' }));
    expect(claims).toMatchObject({ iss: authority.issuer, sub: expect.any(String) as unknown });
    expect(claims.aud).toBe(provider === 'google-id-token' ? AUDIENCE : CLIENT);
    for (const claim of ['scope', 'scp', 'roles', 'permissions', 'client_id', 'cid', 'appid']) {
      expect(claims).not.toHaveProperty(claim);
    }
  });

  test('lets claims be overridden and removed', () => {
    const claims = decodeJwt(authority.mintAs(provider, { sub: 'other', iat: undefined }, about));
    expect(claims.sub).toBe('other');
    expect(claims).not.toHaveProperty('iat');
  });
});

test("what tells a person's token is where each provider puts it", () => {
  const user = (provider: IdentityProvider) =>
    decodeJwt(authority.mintAs(provider, {}, { ...about, subjectKind: 'user' }));
  expect(user('auth0')).toMatchObject({ aud: [AUDIENCE, `${authority.issuer}userinfo`], azp: CLIENT });
  expect(user('entra-v2')).toMatchObject({ scp: 'deploy:read deploy:write' });
  expect(user('entra-v2')).not.toHaveProperty('roles');
  expect(user('entra-v1')).toMatchObject({
    scp: 'deploy:read deploy:write',
    upn: expect.any(String) as unknown,
  });
  expect(user('okta')).toMatchObject({ uid: expect.any(String) as unknown, cid: CLIENT });
  expect(user('keycloak')).toMatchObject({ sid: expect.any(String) as unknown, azp: CLIENT });
  expect(user('cognito')).toMatchObject({ username: expect.any(String) as unknown, token_use: 'access' });
  expect(user('pingone')).toMatchObject({ sid: expect.any(String) as unknown });
});

test("an ID token's own marks are there", () => {
  const idToken = (provider: IdentityProvider) =>
    decodeJwt(authority.mintAs(provider, {}, { ...about, tokenKind: 'id-token' }));
  expect(idToken('auth0')).toHaveProperty('nonce');
  expect(idToken('keycloak')).toMatchObject({ typ: 'ID' });
  expect(idToken('cognito')).toMatchObject({ token_use: 'id' });
  expect(idToken('okta').jti).toMatch(/^ID\./);
});

test('an unknown provider and a missing audience are refused', async () => {
  await using bare = await createTestAuthority();
  expect(() => bare.mintAs('ping' as IdentityProvider)).toThrow('mintAs knows auth0');
  expect(() => bare.mintAs('okta')).toThrow('mintAs needs an audience');
});
