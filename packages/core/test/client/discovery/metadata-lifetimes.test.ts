import { createTestAuthority } from '@mcp-m2m/testing';
import type { OutgoingHttpHeaders } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  clientSecretBasic,
  clientSecretPost,
  createDpop,
  createTokenSource,
  enterpriseManaged,
  type TokenSourceOptions,
} from '../../../src/client/index.ts';
import { startLoopbackServer } from '../../loopback-server.ts';
import { failureOf } from '../acquisition-failure.ts';

const CLIENT = { clientId: 'nightly', secret: 'a test secret' };
/** Longer than the first back-off after a failure that may pass by itself. */
const NEXT_ATTEMPT_SECONDS = 2;

/** An MCP server and its authorization server, both with headers of their own; every token lives for a second. */
async function setUp(headers: { resource?: OutgoingHttpHeaders; server?: OutgoingHttpHeaders } = {}) {
  const authority = await createTestAuthority({ accessTokenLifetimeSeconds: 1 });
  onTestFinished(() => authority.close());
  authority.registerClient(CLIENT);
  authority.endpoints.metadata.setHeaders(headers.server ?? {});
  const listed = [authority.issuer];
  const mcp = await startLoopbackServer(({ url }) =>
    url === '/.well-known/oauth-protected-resource/mcp'
      ? { headers: headers.resource ?? {}, json: { resource, authorization_servers: listed } }
      : { status: 401 },
  );
  const resource = `${mcp.origin}/mcp`;
  const options: TokenSourceOptions = {
    resource,
    issuer: authority.issuer,
    clientId: CLIENT.clientId,
    authentication: clientSecretBasic({ clientSecret: CLIENT.secret }),
    now: authority.now,
  };
  return {
    authority,
    listed,
    options,
    tokens: createTokenSource(options),
    /** How often each document was fetched. */
    fetched: () => ({
      resource: mcp.requests.filter(({ method }) => method === 'GET').length,
      server: authority.endpoints.metadata.requests.length,
    }),
  };
}

const LIFETIMES: [string, OutgoingHttpHeaders, number][] = [
  ['says nothing: an hour', {}, 3600],
  ['says ten minutes', { 'cache-control': 'public, max-age=600' }, 600],
  ['has been in a cache for nine of ten minutes', { 'cache-control': 'max-age=600', age: '500' }, 100],
  ['says less than a minute: a minute', { 'cache-control': 'max-age=5' }, 60],
  ['is not to be stored: a minute', { 'cache-control': 'no-store' }, 60],
  ['is to be asked for each time: a minute', { 'cache-control': 'no-cache, max-age=600' }, 60],
  ['says a year: a day', { 'cache-control': 'max-age=31536000, immutable' }, 86_400],
];

describe.each(['resource', 'server'] as const)('the metadata of the %s', (which) => {
  // The other document lives long, so that nothing is fetched for its sake.
  const other = which === 'resource' ? 'server' : 'resource';
  it.each(LIFETIMES)('is used for as long as it says, where it %s', async (_, headers, seconds) => {
    const { authority, tokens, fetched } = await setUp({
      [which]: headers,
      [other]: { 'cache-control': 'max-age=86400' },
    });
    await tokens.getToken();
    authority.advanceSeconds(seconds - 5);
    await tokens.getToken();
    expect(fetched()).toEqual({ resource: 1, server: 1 });
    authority.advanceSeconds(6);
    await tokens.getToken();
    expect(fetched()).toEqual({ [which]: 2, [other]: seconds === 86_400 ? 2 : 1 });
    expect(authority.endpoints.token.requests).toHaveLength(3);
  });
});

describe('what an authorization server did not offer', () => {
  it.each<[string, Record<string, unknown>, Partial<TokenSourceOptions>, string]>([
    ['the grant', { grant_types_supported: ['authorization_code'] }, {}, 'grant_not_supported'],
    [
      'the way to authenticate',
      { token_endpoint_auth_methods_supported: ['client_secret_basic'] },
      { authentication: clientSecretPost({ clientSecret: CLIENT.secret }) },
      'authentication_method_not_supported',
    ],
    [
      'the algorithm of the proofs',
      { dpop_signing_alg_values_supported: ['RS256'] },
      { dpop: createDpop() },
      'signing_algorithm_not_supported',
    ],
    ['a token endpoint', { token_endpoint: undefined }, {}, 'token_endpoint_missing'],
  ])('is seen at the next attempt once it does: %s', async (_, missing, options, code) => {
    const scene = await setUp({ server: { 'cache-control': 'max-age=86400' } });
    const complete = scene.authority.metadata;
    scene.authority.setMetadata(missing);
    const tokens = createTokenSource({ ...scene.options, ...options });
    expect(await failureOf(tokens.getToken())).toMatchObject({ code, step: 'authorization_server_metadata' });
    expect(scene.authority.endpoints.token.requests).toEqual([]);
    scene.authority.setMetadata(complete);
    scene.authority.advanceSeconds(NEXT_ATTEMPT_SECONDS);
    await expect(tokens.getToken()).resolves.toBeDefined();
    expect(scene.fetched()).toEqual({ resource: 1, server: 2 });
  });

  it('is seen too where it takes the next of several credentials', async () => {
    const scene = await setUp({ server: { 'cache-control': 'max-age=86400' } });
    scene.authority.setMetadata({ token_endpoint_auth_methods_supported: ['client_secret_post'] });
    const authentication = [
      clientSecretBasic({ clientSecret: CLIENT.secret }),
      clientSecretPost({ clientSecret: CLIENT.secret }),
    ];
    const tokens = createTokenSource({ ...scene.options, authentication });
    await expect(tokens.getToken()).resolves.toBeDefined();
    expect(scene.fetched()).toEqual({ resource: 1, server: 1 });
  });

  it('is seen at an identity provider as well', async () => {
    const scene = await setUp();
    scene.authority.setMetadata({ grant_types_supported: undefined });
    let grants = ['authorization_code'];
    const provider = await startLoopbackServer(({ url }) =>
      url === '/.well-known/openid-configuration'
        ? {
            headers: { 'cache-control': 'max-age=86400' },
            json: {
              issuer: provider.origin,
              token_endpoint: `${provider.origin}/token`,
              grant_types_supported: grants,
            },
          }
        : url === '/token'
          ? { status: 400, json: { error: 'access_denied' } }
          : { status: 404 },
    );
    const grant = enterpriseManaged({
      identityProvider: {
        issuer: provider.origin,
        clientId: 'desk',
        authentication: clientSecretBasic({ clientSecret: 'another secret' }),
      },
      subjectToken: async () => 'an-id-token',
      subject: 'alice',
    });
    const tokens = createTokenSource({ ...scene.options, grant });
    expect(await failureOf(tokens.getToken())).toMatchObject({ code: 'grant_not_supported' });
    grants = ['urn:ietf:params:oauth:grant-type:token-exchange'];
    scene.authority.advanceSeconds(NEXT_ATTEMPT_SECONDS);
    expect(await failureOf(tokens.getToken())).toMatchObject({ code: 'token_request_refused' });
  });
});

it('an authorization server that the MCP server lists later is seen at the next attempt', async () => {
  const { authority, listed, tokens } = await setUp({ resource: { 'cache-control': 'max-age=86400' } });
  const [issuer = ''] = listed.splice(0, 1, 'https://other.example.com');
  expect(await failureOf(tokens.getToken())).toMatchObject({ code: 'issuer_not_listed' });
  listed.push(issuer);
  authority.advanceSeconds(NEXT_ATTEMPT_SECONDS);
  await expect(tokens.getToken()).resolves.toBeDefined();
});
