import { decodeJwt, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  auth0,
  authorizedFetch,
  clientSecretPost,
  cognito,
  createTokenSource,
  createTokenSources,
  entraId,
  keycloak,
  okta,
  pingOne,
  type ProviderProfile,
  type TokenSources,
} from '../../../src/client/index.ts';
import { startLoopbackServer } from '../../loopback-server.ts';
import { CLIENT_ID, SECRET } from './identity-provider.ts';

const ISSUER = 'https://login.example.com';
const TENANT = '0a1b2c3d-0000-4000-8000-abcdefabcdef';
const authentication = clientSecretPost({ clientSecret: SECRET });

/** What tokens are for is told by the last part of a server's URL. */
const nameOf = (resource: string) => resource.split('/').at(-1) ?? '';

interface Case {
  readonly name: string;
  /** The same for every server. */
  readonly fixed: ProviderProfile;
  readonly option: string;
  readonly perServer: ProviderProfile;
  /** The parameter that says what the token is for, for the server named so. */
  readonly expected: (server: string) => readonly [parameter: string, value: string];
  /** One that tells something wrong. */
  readonly broken: ProviderProfile;
  readonly complaint: RegExp;
}

const CASES: readonly Case[] = [
  {
    name: 'Auth0',
    fixed: auth0({ audience: 'https://api.example.com' }),
    option: 'audience',
    perServer: auth0({ audience: (resource) => `https://${nameOf(resource)}.example.com/` }),
    expected: (server) => ['audience', `https://${server}.example.com/`],
    broken: auth0({ audience: () => '' }),
    complaint: /^auth0: audience for http.* must be the identifier of the API/,
  },
  {
    name: 'Entra ID',
    fixed: entraId({ tenantId: TENANT, applicationIdUri: 'api://one' }),
    option: 'applicationIdUri',
    perServer: entraId({
      tenantId: TENANT,
      applicationIdUri: (resource) => `api://${nameOf(resource)}`,
    }),
    expected: (server) => ['scope', `api://${server}/.default`],
    broken: entraId({ tenantId: TENANT, applicationIdUri: () => 'api://one/.default' }),
    complaint: /^entraId: applicationIdUri is the Application ID URI alone/,
  },
  {
    name: 'Okta',
    fixed: okta({ scopes: ['deploy:read'] }),
    option: 'scopes',
    perServer: okta({ scopes: (resource) => [`${nameOf(resource)}:read`] }),
    expected: (server) => ['scope', `${server}:read`],
    broken: okta({ scopes: () => ['openid'] }),
    complaint: /^okta: scopes contains "openid"/,
  },
  {
    name: 'Cognito',
    fixed: cognito({ scopes: ['deploy/read'] }),
    option: 'scopes',
    perServer: cognito({ scopes: (resource) => [`${nameOf(resource)}/read`] }),
    expected: (server) => ['scope', `${server}/read`],
    broken: cognito({ scopes: () => ['read'] }),
    complaint: /^cognito: scopes contains "read"/,
  },
  {
    name: 'PingOne',
    fixed: pingOne({ scopes: ['deploy:read'] }),
    option: 'scopes',
    perServer: pingOne({ scopes: (resource) => [`${nameOf(resource)}:read`] }),
    expected: (server) => ['scope', `${server}:read`],
    broken: pingOne({ scopes: () => [] }),
    complaint: /^pingOne: scopes must name at least one scope/,
  },
];

/** A provider that writes what was asked for into its tokens, and two MCP servers that say what they were shown. */
async function setUp(profile: ProviderProfile) {
  const forms: URLSearchParams[] = [];
  const shown: [server: string, audience: unknown][] = [];
  const issuer = profile.issuer ?? ISSUER;
  const provider = await startLoopbackServer(({ url, body }) => {
    if (url.includes('/.well-known/')) {
      return { json: { issuer, token_endpoint: `${new URL(issuer).origin}/token` } };
    }
    const form = new URLSearchParams(body);
    forms.push(form);
    const aud = form.get('audience') ?? form.get('scope') ?? 'nobody';
    const access_token = new UnsecuredJWT({ aud }).encode();
    return { json: { access_token, token_type: 'Bearer', expires_in: 300 } };
  });
  const server = await startLoopbackServer(({ url, headers }) => {
    const wellKnown = '/.well-known/oauth-protected-resource';
    if (url.startsWith(wellKnown)) {
      const resource = `${server.origin}${url.slice(wellKnown.length)}`;
      return { json: { resource, authorization_servers: [issuer] } };
    }
    if (headers.authorization === undefined) return { status: 401 };
    shown.push([nameOf(url), decodeJwt(headers.authorization.slice('Bearer '.length)).aud]);
    return { json: {} };
  });
  const fetch = (input: string, init: RequestInit): Promise<Response> => {
    const url = new URL(input);
    const toProvider = url.origin === new URL(issuer).origin;
    return globalThis.fetch(toProvider ? `${provider.origin}${url.pathname}` : input, init);
  };
  const options = { issuer, clientId: CLIENT_ID, authentication, provider: profile, fetch };
  return { forms, shown, options, resourceOf: (name: string) => `${server.origin}/${name}` };
}

const addressed = (sources: TokenSources, resources: readonly string[]) =>
  resources.map((resource) => sources.sourceFor(resource));

describe.each(CASES)('the profile of $name', ({ fixed, option, perServer, expected, broken, complaint }) => {
  it('tells by a function what the tokens of each server are for', async () => {
    const { forms, shown, options, resourceOf } = await setUp(perServer);
    const sources = createTokenSources(options);
    addressed(sources, [resourceOf('deploy'), resourceOf('tickets')]);
    const fetch = authorizedFetch(sources);
    for (const name of ['deploy', 'tickets', 'deploy']) await fetch(resourceOf(name));
    expect(shown).toEqual(['deploy', 'tickets', 'deploy'].map((name) => [name, expected(name)[1]]));
    expect(forms.map((form) => form.get(expected('deploy')[0]))).toEqual([
      expected('deploy')[1],
      expected('tickets')[1],
    ]);
  });

  it('does so for one server too', async () => {
    const { forms, options, resourceOf } = await setUp(perServer);
    await createTokenSource({ ...options, resource: resourceOf('tickets') }).getToken();
    expect(forms[0]?.get(expected('')[0])).toBe(expected('tickets')[1]);
  });

  it('is refused a second server where it says the same of all, and goes on with the first', async () => {
    const { options, resourceOf } = await setUp(fixed);
    const sources = createTokenSources(options);
    const first = sources.sourceFor(resourceOf('deploy'));
    expect(() => sources.sourceFor(resourceOf('tickets'))).toThrow(TypeError);
    expect(() => sources.sourceFor(resourceOf('tickets'))).toThrow(
      new RegExp(`^${option} of the .* profile says the same of every server.*make it a function`),
    );
    expect(sources.sourceFor(resourceOf('deploy'))).toBe(first);
    await expect(first.getToken()).resolves.toBeDefined();
  });

  it('is refused what a function tells that is wrong, when the source is made', async () => {
    const { options, resourceOf } = await setUp(broken);
    expect(() => createTokenSources(options).sourceFor(resourceOf('deploy'))).toThrow(complaint);
    expect(() => createTokenSource({ ...options, resource: resourceOf('deploy') })).toThrow(TypeError);
  });
});

it('a function that says the same of all is the word of the operator, and taken', async () => {
  const { forms, options, resourceOf } = await setUp(auth0({ audience: () => 'https://all.example.com' }));
  const sources = createTokenSources(options);
  for (const source of addressed(sources, [resourceOf('a'), resourceOf('b')])) await source.getToken();
  expect(forms.map((form) => form.get('audience'))).toEqual(Array(2).fill('https://all.example.com'));
});

it('a call that was refused for something else does not count as the one server', async () => {
  const { options, resourceOf } = await setUp(auth0({ audience: 'https://api.example.com' }));
  const sources = createTokenSources(options);
  expect(() => sources.sourceFor(resourceOf('a'), { scopes: [''] })).toThrow(TypeError);
  expect(() => sources.sourceFor(resourceOf('b'))).not.toThrow();
});

it('the profile of Keycloak, which sends resource, takes scopes for each server as well', async () => {
  const { forms, options, resourceOf } = await setUp(
    keycloak({ scopes: (resource) => [`${nameOf(resource)}:read`] }),
  );
  const sources = createTokenSources(options);
  for (const source of addressed(sources, [resourceOf('a'), resourceOf('b')])) await source.getToken();
  expect(forms.map((form) => [form.get('scope'), nameOf(form.get('resource') ?? '')])).toEqual([
    ['a:read', 'a'],
    ['b:read', 'b'],
  ]);
  const broken = keycloak({ scopes: () => ['not a scope'] });
  expect(() => createTokenSources({ ...options, provider: broken }).sourceFor(resourceOf('a'))).toThrow(
    /^keycloak: scopes/,
  );
});

it('a profile of one’s own may tell by the server as well, and may not use what has an option', async () => {
  const own: ProviderProfile = {
    provider: 'Own',
    tokenParameters: (resource) => ({ audience: nameOf(resource) }),
    omitResource: true,
    assertionAudience: 'issuer',
    hintFor: () => undefined,
  };
  const { forms, options, resourceOf } = await setUp(own);
  const sources = createTokenSources(options);
  for (const source of addressed(sources, [resourceOf('a'), resourceOf('b')])) await source.getToken();
  expect(forms.map((form) => form.get('audience'))).toEqual(['a', 'b']);
  const wrong = { ...own, tokenParameters: () => ({ client_id: 'another' }) };
  expect(() => createTokenSource({ ...options, provider: wrong, resource: resourceOf('a') })).toThrow(
    /^tokenParameters must not contain "client_id"/,
  );
});
