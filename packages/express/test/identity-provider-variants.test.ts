import type { RefusalReason } from '@mcp-m2m/express';
import { createTestAuthority, type MintAsOptions, type TokenClaims } from '@mcp-m2m/testing';
import { describe, expect, it } from 'vitest';
import { callerOf, outcomeOf, PROVIDERS, setUpOf, startProvidedApp } from './identity-providers.ts';
import { RESOURCE, send, startProtectedApp } from './protected-app.ts';

/** Tokens of one provider as it really mints them with other settings, and what they must be read as. */
type Variant = readonly [
  name: string,
  provider: string,
  claims: TokenClaims,
  options: MintAsOptions,
  expected: 'machine' | 'user' | RefusalReason,
];

const user = { subjectKind: 'user' } as const;
const VARIANTS: readonly Variant[] = [
  ['machine without gty', 'auth0', { gty: undefined }, {}, 'machine'],
  ['machine of an organization', 'auth0', { org_id: 'org_1' }, {}, 'machine'],
  ['machine whose client id has a bar', 'auth0', {}, { clientId: 'a|b' }, 'machine'],
  ['user who signed in with a provider', 'auth0', { sub: 'google-oauth2|1047' }, user, 'user'],
  ['user of an enterprise connection', 'auth0', { sub: 'samlp|corp|alice@example.com' }, user, 'user'],
  ['user by password', 'auth0', { gty: 'password' }, user, 'user'],
  ['user by refresh token', 'auth0', { gty: ['refresh_token'] }, user, 'user'],
  ['subject of no known form', 'auth0', { sub: 'alice' }, user, 'claim_invalid'],
  ['user whose name imitates a machine', 'auth0', { sub: 'auth0|x@clients' }, user, 'machine'],
  [
    'machine with the grant told in a list',
    'auth0',
    { sub: 'auth0|x', gty: ['client-credentials'] },
    {},
    'machine',
  ],
  ['no client', 'auth0', { azp: undefined }, {}, 'claim_missing'],
  ['machine with idtyp', 'entra-v2', { idtyp: 'app' }, {}, 'machine'],
  ['machine without permissions', 'entra-v2', { roles: undefined }, {}, 'machine'],
  ['machine that claims scp too', 'entra-v2', { idtyp: 'app', scp: 'deploy:read' }, {}, 'machine'],
  ['user with roles of their own', 'entra-v2', { roles: ['Admin'] }, user, 'user'],
  ['user with idtyp', 'entra-v2', { idtyp: 'user' }, user, 'user'],
  ['user without delegated permissions', 'entra-v2', { scp: undefined }, user, 'claim_missing'],
  [
    'user without delegated permissions, with roles',
    'entra-v2',
    { scp: '', roles: ['Admin'] },
    user,
    'claim_missing',
  ],
  [
    'user with idtyp, whose oid is the subject',
    'entra-v2',
    { scp: undefined, idtyp: 'user', oid: 's', sub: 's' },
    user,
    'claim_missing',
  ],
  ['no tenant', 'entra-v2', { tid: undefined }, {}, 'claim_missing'],
  ['roles as a text', 'entra-v2', { roles: 'deploy:read' }, {}, 'claim_invalid'],
  ['scp as a list', 'entra-v2', { scp: ['deploy:read'] }, user, 'claim_invalid'],
  ['machine by secret', 'entra-v1', { appidacr: '1' }, {}, 'machine'],
  ['user with a name and no scp', 'entra-v1', { scp: undefined }, user, 'claim_missing'],
  ['machine whose subject is in another case', 'okta', { sub: 'job' }, {}, 'machine'],
  ['user without uid', 'okta', { uid: undefined }, user, 'machine'],
  ['user without scopes', 'okta', { scp: undefined }, user, 'user'],
  ['scp as a text', 'okta', { scp: 'deploy:read' }, {}, 'claim_invalid'],
  ['no client', 'okta', { cid: undefined }, {}, 'token_type_not_allowed'],
  ['no id', 'okta', { jti: undefined }, {}, 'claim_missing'],
  ['machine with refresh tokens, which has a session', 'keycloak', { sid: 's1' }, {}, 'machine'],
  [
    'machine with a session, without its name',
    'keycloak',
    { sid: 's1', preferred_username: undefined },
    {},
    'machine',
  ],
  [
    'machine with a session, without its name and address',
    'keycloak',
    { sid: 's1', preferred_username: undefined, clientHost: undefined, clientAddress: undefined },
    {},
    'machine',
  ],
  ['user before version 24, with the nonce of the login', 'keycloak', { nonce: 'n' }, user, 'user'],
  [
    'user without a name, with the time of login',
    'keycloak',
    { preferred_username: undefined, auth_time: 1 },
    user,
    'user',
  ],
  [
    'user of whom nothing is told but a session',
    'keycloak',
    { preferred_username: undefined },
    user,
    'machine',
  ],
  [
    'user who is called like a service account',
    'keycloak',
    { preferred_username: 'service-account-x' },
    user,
    'machine',
  ],
  ['token bound to a key by its type', 'keycloak', { typ: 'ID' }, user, 'token_type_not_allowed'],
  ['no type in the claims', 'keycloak', { typ: undefined }, user, 'token_type_not_allowed'],
  ['audience mapper missing', 'keycloak', { aud: 'account' }, {}, 'audience_mismatch'],
  ['no audience at all', 'keycloak', { aud: undefined }, {}, 'claim_missing'],
  ['machine whose claims a trigger added to', 'cognito', { username: 'job' }, {}, 'machine'],
  ['user who signed in with a provider', 'cognito', { username: 'Google_1047' }, user, 'user'],
  ['ID token by its use', 'cognito', { token_use: 'id' }, user, 'token_type_not_allowed'],
  ['no use', 'cognito', { token_use: undefined }, {}, 'token_type_not_allowed'],
  ['client that is not named', 'cognito', {}, { clientId: 'another' }, 'audience_mismatch'],
  ['client that is not named, of a user', 'cognito', { client_id: 'another' }, user, 'audience_mismatch'],
  ['audience of its own', 'cognito', { aud: 'https://other.example' }, {}, 'audience_mismatch'],
  ['machine whose subject is its client', 'pingone', { sub: 'job' }, {}, 'machine'],
  ['machine whose subject is null', 'pingone', { sub: null }, {}, 'claim_invalid'],
  ['no client', 'pingone', { client_id: undefined }, {}, 'token_type_not_allowed'],
  ['refresh token', 'pingone', { typ: 'REFRESH' }, user, 'token_type_not_allowed'],
];

describe('variants that providers mint', () => {
  it.each(VARIANTS)('%s (%s)', async (_, provider, claims, options, expected) => {
    await using provided = await startProvidedApp(setUpOf(provider));
    const outcome = await outcomeOf(provided, provided.mint(claims, options));
    const kind = provided.app.decisions.at(-1)?.callerKind;
    expect(outcome === 200 ? kind : outcome).toBe(expected);
  });

  it('a user’s roles at Entra ID are not the client’s scopes', async () => {
    await using provided = await startProvidedApp(setUpOf('entra-v2'));
    const token = provided.mint({ roles: ['deploy:approve'] }, user);
    expect(await callerOf(provided, token)).toMatchObject({
      scopes: ['deploy:read'],
      roles: ['deploy:approve'],
    });
  });

  it('a user’s permissions at Auth0 are not the client’s scopes, and a machine’s are', async () => {
    await using provided = await startProvidedApp(setUpOf('auth0'));
    const permissions = ['deploy:approve'];
    expect(await callerOf(provided, provided.mint({ permissions, scope: 'openid' }, user))).toMatchObject({
      scopes: ['openid'],
      roles: permissions,
    });
    expect(await callerOf(provided, provided.mint({ permissions, scope: undefined }))).toMatchObject({
      scopes: permissions,
      roles: [],
    });
  });

  it('roles at Keycloak that are no texts are left out', async () => {
    await using provided = await startProvidedApp(setUpOf('keycloak'));
    const claims = {
      realm_access: { roles: [7, 'admin'] },
      resource_access: { desk: { roles: ['x'] }, odd: 7 },
    };
    expect(await callerOf(provided, provided.mint(claims))).toMatchObject({ roles: ['admin', 'desk:x'] });
  });

  it('keys without an algorithm verify RS256 and nothing else', async () => {
    await using provided = await startProvidedApp(setUpOf('entra-v2'), { algorithms: ['RS256', 'PS256'] });
    expect(await outcomeOf(provided, provided.mint())).toBe(200);
    const { privateKey: key } = provided.authority.signingKey;
    const header = { kid: provided.authority.signingKey.keyId };
    const pss = provided.mint({}, { key, algorithm: 'PS256', header });
    expect(await outcomeOf(provided, pss)).toBe('key_unknown');
  });

  it('Google’s ID tokens are refused by every profile', async () => {
    for (const setUp of PROVIDERS) {
      await using provided = await startProvidedApp(setUp, { audience: { anyOf: [RESOURCE] } });
      for (const subjectKind of ['machine', 'user'] as const) {
        const options = { audience: RESOURCE, subjectKind };
        const outcome = await outcomeOf(provided, provided.authority.mintAs('google-id-token', {}, options));
        expect(outcome).toMatch(/^(?:claim_missing|claim_invalid|token_type_not_allowed)$/);
      }
    }
  });
});

describe('the default profile', () => {
  it.each([
    ['its subject is the client', { sub: 'job' }, 'machine'],
    ['its subject is the client in another case', { sub: 'JOB' }, 'machine'],
    ['its subject is made of the client', { sub: 'job@clients' }, 'machine'],
    ['its subject is made of the client, behind a prefix', { sub: 'client:job' }, 'machine'],
    ['its subject only begins like the client', { sub: 'jobs-anna' }, 'user'],
    ['it says gty', { sub: 'x', gty: 'client-credentials' }, 'machine'],
    ['it says grant_type', { sub: 'x', grant_type: 'client_credentials' }, 'machine'],
    ['it says idtyp', { sub: 'x', idtyp: 'app' }, 'machine'],
    ['it says sub_type', { sub: 'x', sub_type: 'client' }, 'machine'],
    [
      'it is a service account of Keycloak',
      { sub: 'x', preferred_username: 'service-account-job' },
      'machine',
    ],
    ['it has the address of a client', { sub: 'x', clientHost: '10.0.0.1' }, 'machine'],
    ['nothing says so', { sub: 'alice', preferred_username: 'alice' }, 'user'],
  ])('takes a token for a machine’s when %s, and only then', async (_, claims, kind) => {
    await using authority = await createTestAuthority({ audience: RESOURCE });
    await using app = await startProtectedApp({ authorizationServers: [authority.issuer], access: {} });
    expect((await send(app, `Bearer ${authority.mint({ client_id: 'job', ...claims })}`)).status).toBe(200);
    expect(app.decisions.at(-1)?.callerKind).toBe(kind);
  });
});
