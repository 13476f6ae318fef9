import { decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  auth0,
  authorizedFetch,
  clientSecretBasic,
  cognito,
  createTokenSources,
  entraId,
  keycloak,
  okta,
  pingOne,
  privateKeyJwt,
  type ProviderProfile,
  type TokenSourceOptions,
} from '../../../src/client/index.ts';
import { failureOf } from '../acquisition-failure.ts';
import { CLIENT_ID, createKeys, grant, refuse, SECRET } from './identity-provider.ts';
import { createProfileScene, TEMPTING_SCOPE, type StandIn } from './profile-scene.ts';

const TENANT = '0a1b2c3d-0000-4000-8000-abcdefabcdef';
const ENVIRONMENT = '1a2b3c4d-0000-4000-8000-abcdefabcdef';
const APP = 'api://11111111-2222-3333-4444-555555555555';
const API = 'https://api.example.com';
const READ = 'deploy:read';
const secret = clientSecretBasic({ clientSecret: SECRET });
const { key } = await createKeys('RS256');

/** A provider, its profile with and without the issuer, and what it is to be asked. */
interface Case {
  readonly name: string;
  readonly standIn: Pick<StandIn, 'issuer' | 'tokenEndpoint'>;
  readonly profile: ProviderProfile;
  /** Knows the issuer. */
  readonly located: ProviderProfile;
  /** The token request without grant type and authentication; `resource` stands for the MCP server's own. */
  readonly request: Readonly<Record<string, string>>;
  /** Audience and type of a client assertion; none where the provider takes none. */
  readonly assertion?: { readonly aud: string; readonly typ: string };
}

const standIns = {
  auth0: {
    issuer: 'https://example.eu.auth0.com/',
    tokenEndpoint: 'https://example.eu.auth0.com/oauth/token',
  },
  entraId: {
    issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
    tokenEndpoint: `https://login.microsoftonline.com/${TENANT}/oauth2/v2.0/token`,
  },
  okta: {
    issuer: 'https://example.okta.com/oauth2/default',
    tokenEndpoint: 'https://example.okta.com/oauth2/default/v1/token',
  },
  cognito: {
    issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123',
    tokenEndpoint: 'https://example.auth.eu-west-1.amazoncognito.com/oauth2/token',
  },
  keycloak: {
    issuer: 'https://sso.example.com/realms/deploy',
    tokenEndpoint: 'https://sso.example.com/realms/deploy/protocol/openid-connect/token',
  },
  pingOne: {
    issuer: `https://auth.pingone.eu/${ENVIRONMENT}/as`,
    tokenEndpoint: `https://auth.pingone.eu/${ENVIRONMENT}/as/token`,
  },
};
const REGISTERED = 'client-authentication+jwt';

const CASES: readonly Case[] = [
  {
    name: 'Auth0',
    standIn: standIns.auth0,
    profile: auth0({ audience: API }),
    located: auth0({ audience: API, domain: 'example.eu.auth0.com' }),
    request: { audience: API, scope: TEMPTING_SCOPE },
    assertion: { aud: standIns.auth0.issuer, typ: REGISTERED },
  },
  {
    name: 'Entra ID',
    standIn: standIns.entraId,
    profile: entraId({ tenantId: TENANT, applicationIdUri: APP }),
    located: entraId({ tenantId: TENANT, applicationIdUri: APP }),
    request: { scope: `${APP}/.default` },
    assertion: { aud: standIns.entraId.tokenEndpoint, typ: 'JWT' },
  },
  {
    name: 'Okta',
    standIn: standIns.okta,
    profile: okta({ scopes: [READ] }),
    located: okta({ scopes: [READ], domain: 'example.okta.com' }),
    request: { scope: READ },
    assertion: { aud: standIns.okta.tokenEndpoint, typ: REGISTERED },
  },
  {
    name: 'Cognito',
    standIn: standIns.cognito,
    profile: cognito({ scopes: [`desk/${READ}`] }),
    located: cognito({ scopes: [`desk/${READ}`], userPoolId: 'eu-west-1_AbCdEf123' }),
    request: { scope: `desk/${READ}`, resource: 'resource' },
  },
  {
    name: 'Keycloak',
    standIn: standIns.keycloak,
    profile: keycloak({ scopes: [READ] }),
    located: keycloak({ scopes: [READ], serverUrl: 'https://sso.example.com', realm: 'deploy' }),
    request: { scope: READ, resource: 'resource' },
    assertion: { aud: standIns.keycloak.issuer, typ: REGISTERED },
  },
  {
    name: 'PingOne',
    standIn: standIns.pingOne,
    profile: pingOne({ scopes: [READ] }),
    located: pingOne({ scopes: [READ], environmentId: ENVIRONMENT, region: 'eu' }),
    request: { scope: READ, resource: 'resource' },
    assertion: { aud: standIns.pingOne.issuer, typ: REGISTERED },
  },
];

const takesAll = (standIn: Case['standIn']) => createProfileScene({ ...standIn, judge: () => grant(API) });
const expected = ({ request }: Case, resource: string) => ({
  grant_type: 'client_credentials',
  ...request,
  ...('resource' in request ? { resource } : {}),
});

describe.each(CASES)('a source with the profile of $name', (entry) => {
  const { standIn, profile, located } = entry;

  it('asks right the first time, wherever the issuer stands', async () => {
    const scene = await takesAll(standIn);
    const { issuer } = standIn;
    for (const options of [
      { provider: profile, issuer },
      { provider: located, issuer },
      { provider: located },
    ]) {
      const token = await scene.createSource({ ...options, authentication: secret }).getToken();
      expect(token).toMatchObject({ issuer, resource: scene.resource, tokenType: 'Bearer' });
    }
    for (const form of scene.forms) expect(Object.fromEntries(form)).toEqual(expected(entry, scene.resource));
    expect(scene.forms).toHaveLength(3);
    expect(scene.events.map(({ type }) => type)).toEqual(Array(3).fill('token_request'));
  });

  it('refuses another issuer than its own, when it is made', async () => {
    const scene = await takesAll(standIn);
    const create = (options: Partial<TokenSourceOptions>) => () =>
      scene.createSource({ authentication: secret, ...options });
    const other = `${standIn.issuer}x`;
    expect(create({ provider: located, issuer: other })).toThrow(TypeError);
    expect(create({ provider: located, issuer: other })).toThrow(/^issuer must be "https:.*, or be left out/);
  });

  it('tells what to look at where the MCP server refuses fresh tokens', async () => {
    let issued = 0;
    const scene = await createProfileScene({ ...standIn, judge: () => grant(`${API}/${++issued}`) });
    scene.refuse = () => ({ status: 401, parameters: { error: 'invalid_token' } });
    for (const provider of [located, undefined]) {
      const { issuer } = standIn;
      const tokens = scene.createSource({ provider, issuer, authentication: secret });
      const call = authorizedFetch(tokens, { fetch: scene.fetch });
      expect((await call(scene.resource)).status).toBe(401);
      expect((await call(scene.resource)).status).toBe(401);
      expect(scene.events.at(-1)).toMatchObject({
        type: 'renewal_suspended',
        resource: scene.resource,
        hint: profile.tokenRefusedHint,
      });
    }
    expect(issued).toBe(4);
  });
});

it.each(CASES.filter(({ profile }) => profile.issuer === undefined))(
  'the profile of $name needs the issuer where it was not told enough to know it',
  async ({ standIn, profile }) => {
    const scene = await takesAll(standIn);
    const create = () => scene.createSource({ authentication: secret, provider: profile });
    expect(create).toThrow(TypeError);
    expect(create).toThrow(/^issuer/);
  },
);

describe.each(CASES.filter(({ assertion }) => assertion !== undefined))(
  'a source with the profile of $name, which takes assertions,',
  (entry) => {
    const { standIn, located, assertion } = entry;

    it('makes assertions for the audience and of the type it wants', async () => {
      const scene = await takesAll(standIn);
      const authentication = privateKeyJwt({ key, algorithm: 'RS256', keyId: 'key-1' });
      await scene.createSource({ provider: located, authentication }).getToken();
      const [form] = scene.forms;
      const { client_assertion: sent = '', ...rest } = Object.fromEntries(form ?? []);
      expect(rest).toMatchObject(expected(entry, scene.resource));
      expect(decodeJwt(sent)).toMatchObject({ aud: assertion?.aud, iss: CLIENT_ID, sub: CLIENT_ID });
      expect(decodeProtectedHeader(sent)).toMatchObject({ typ: assertion?.typ, kid: 'key-1', alg: 'RS256' });
    });

    it('leaves to the authentication what it was told itself', async () => {
      const scene = await takesAll(standIn);
      const authentication = privateKeyJwt({
        key,
        algorithm: 'RS256',
        audience: 'https://told.example.com',
        type: 'JWT',
      });
      await scene.createSource({ provider: located, authentication }).getToken();
      const sent = scene.forms[0]?.get('client_assertion') ?? '';
      expect(decodeJwt(sent).aud).toBe('https://told.example.com');
      expect(decodeProtectedHeader(sent).typ).toBe('JWT');
    });
  },
);

describe('a source with the profile of Cognito, which takes no assertions,', () => {
  const { standIn, located } = CASES.find(({ assertion }) => assertion === undefined) as Case;

  it('refuses a way of authenticating that it lacks, when it is made', async () => {
    const scene = await takesAll(standIn);
    const create = () =>
      scene.createSource({
        provider: located,
        authentication: [secret, privateKeyJwt({ key, algorithm: 'RS256' })],
      });
    expect(create).toThrow(TypeError);
    expect(create).toThrow(
      /^authentication must be one of client_secret_basic, client_secret_post, .*received private_key_jwt\.$/,
    );
  });
});

describe.each(CASES.filter(({ profile }) => profile.scopes !== undefined))(
  'a source with the profile of $name, which has scopes of its own,',
  ({ standIn, request, located }) => {
    it('asks for its scopes alone, whatever the server demands', async () => {
      const scene = await takesAll(standIn);
      scene.refuse = (path) =>
        path === '/more'
          ? { status: 403, parameters: { error: 'insufficient_scope', scope: TEMPTING_SCOPE } }
          : path === '/expired' && scene.forms.length === 1
            ? { status: 401, parameters: { error: 'invalid_token', scope: TEMPTING_SCOPE } }
            : undefined;
      const tokens = scene.createSource({ provider: located, authentication: secret });
      const call = authorizedFetch(tokens, { fetch: scene.fetch });
      expect((await call(`${scene.resource}/more`)).status).toBe(403);
      expect(scene.forms).toHaveLength(1);
      expect(scene.events.at(-1)).toMatchObject({ type: 'step_up_declined', cause: 'above_ceiling' });
      // Such a stand-in hands the same token out again: nothing to try once more with.
      expect((await call(`${scene.resource}/expired`)).status).toBe(401);
      expect(scene.forms.map((form) => form.get('scope'))).toEqual(Array(2).fill(request.scope));
    });

    it('refuses scopes beside its own, when it is made', async () => {
      const scene = await takesAll(standIn);
      const create = () => scene.createSource({ provider: located, authentication: secret, scopes: [READ] });
      expect(create).toThrow(TypeError);
      expect(create).toThrow(/^scopes must be left out: the .* profile requests exactly its own/);
      const sources = createTokenSources({ provider: located, clientId: CLIENT_ID, authentication: secret });
      expect(() => sources.sourceFor(scene.resource, { scopes: [READ] })).toThrow(/^scopes must be left out/);
    });
  },
);

describe('the hint of a failure', () => {
  it('names the profile of Entra ID for AADSTS9010010', async () => {
    const scene = await createProfileScene({
      ...standIns.entraId,
      judge: (form) =>
        form.has('resource')
          ? refuse(400, 'invalid_target', 'AADSTS9010010: The resource does not match the scopes.')
          : grant(APP),
    });
    const { issuer } = standIns.entraId;
    const failure = await failureOf(
      scene.createSource({ issuer, authentication: secret, scopes: [`${APP}/.default`] }).getToken(),
    );
    expect(failure).toMatchObject({ code: 'invalid_target', step: 'token_request' });
    expect(failure.hint).toContain(
      'use provider: entraId({ tenantId, applicationIdUri }), which leaves resource out',
    );
    const provider = entraId({ tenantId: TENANT, applicationIdUri: APP });
    await expect(scene.createSource({ provider, authentication: secret }).getToken()).resolves.toBeDefined();
  });

  it('names the profile of Auth0 where the audience is missing', async () => {
    const scene = await createProfileScene({
      ...standIns.auth0,
      judge: (form) =>
        form.has('audience')
          ? grant(API)
          : refuse(
              403,
              'access_denied',
              'No audience parameter was provided, and no default audience has been configured',
            ),
    });
    const { issuer } = standIns.auth0;
    const failure = await failureOf(scene.createSource({ issuer, authentication: secret }).getToken());
    expect(failure.hint).toContain('use provider: auth0({ audience }) with the identifier of the API');
    expect(failure.message).toContain(failure.hint);
  });

  it('tells of the key id that Okta misses', async () => {
    const scene = await createProfileScene({
      ...standIns.okta,
      judge: (form) =>
        decodeProtectedHeader(form.get('client_assertion') ?? '').kid === 'deploy-2026'
          ? grant(API)
          : refuse(401, 'invalid_client', 'The client_assertion JWT kid is invalid.'),
    });
    const provider = okta({ scopes: [READ], domain: 'example.okta.com' });
    const withKeyId = (keyId?: string) =>
      scene.createSource({ provider, authentication: privateKeyJwt({ key, algorithm: 'RS256', keyId }) });
    const failure = await failureOf(withKeyId().getToken());
    expect(failure.code).toBe('invalid_client');
    expect(failure.hint).toMatch(/^Set keyId to the id under which the public key is registered/);
    await expect(withKeyId('deploy-2026').getToken()).resolves.toBeDefined();
  });

  it.each([
    ['behind', -600_000],
    ['ahead of', 600_000],
  ])(
    'tells of a clock that is %s that of the provider, by the Date of its answer',
    async (relation, skew) => {
      const scene = await createProfileScene({
        ...standIns.keycloak,
        judge: () => refuse(401, 'invalid_client', 'Token is not active'),
      });
      const provider = keycloak({ serverUrl: 'https://sso.example.com', realm: 'deploy' });
      const authentication = privateKeyJwt({ key, algorithm: 'RS256' });
      const now = () => Date.now() + skew;
      const failure = await failureOf(scene.createSource({ provider, authentication, now }).getToken());
      expect(failure.hint).toMatch(
        new RegExp(`^The clock here is 10 minutes ${relation} the server's, by the Date`),
      );
      expect(failure.hint).toContain('the assertion was not of its time there');
    },
  );

  it('says nothing of clocks where nothing was signed', async () => {
    const scene = await createProfileScene({
      ...standIns.keycloak,
      judge: () => refuse(401, 'invalid_client', 'Invalid client or Invalid client credentials'),
    });
    const provider = keycloak({ serverUrl: 'https://sso.example.com', realm: 'deploy' });
    const now = () => Date.now() - 600_000;
    const failure = await failureOf(scene.createSource({ provider, authentication: secret, now }).getToken());
    expect(failure.hint).not.toContain('clock');
  });

  it('may come from a profile of one’s own, whose failure changes nothing', async () => {
    const scene = await createProfileScene({
      ...standIns.okta,
      judge: () => refuse(400, 'invalid_scope', 'no'),
    });
    const hints = [
      () => 'Ask the desk.',
      () => undefined,
      () => Promise.resolve('x') as never,
      () => {
        throw new Error('x');
      },
    ];
    const shown = await Promise.all(
      hints.map(async (hintFor) => {
        const provider: ProviderProfile = {
          provider: 'the desk',
          tokenParameters: { desk: '1' },
          omitResource: true,
          assertionAudience: 'issuer',
          hintFor,
        };
        const { issuer } = standIns.okta;
        const source = scene.createSource({ provider, issuer, authentication: secret, scopes: [READ] });
        return (await failureOf(source.getToken())).hint;
      }),
    );
    expect(shown[0]).toBe('Ask the desk.');
    expect(new Set(shown.slice(1))).toEqual(
      new Set(['Set scopes to those this client may have, or have an administrator grant them.']),
    );
    for (const form of scene.forms) expect([form.get('desk'), form.has('resource')]).toEqual(['1', false]);
  });
});
