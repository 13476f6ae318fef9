import type { EndpointAnswer } from '@mcp-m2m/testing';
import { generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  auth0,
  clientSecretBasic,
  clientSecretPost,
  createDpop,
  createTokenSource,
  enterpriseManaged,
  jwtBearer,
  keycloak,
  privateKeyJwt,
  type ProviderProfile,
  type TokenSourceOptions,
} from '../../../src/client/index.ts';
import { startLoopbackServer } from '../../loopback-server.ts';
import { failureOf } from '../acquisition-failure.ts';
import { createScene, SECRET, tokenRequests, type Scene } from '../scene.ts';
import { createClientScene } from './client-scene.ts';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const GENERAL_HINT = /^Check the client id and its secret or key/;
const post = (clientSecret: string | (() => string)) => clientSecretPost({ clientSecret });

interface Case {
  readonly name: string;
  readonly answer: EndpointAnswer;
  /** Of the error, as the authorization server has it. */
  readonly code: string;
  readonly profile?: ProviderProfile;
  /** With the profile. */
  readonly hint: RegExp;
}

/** How authorization servers answer a wrong secret. */
const CASES: readonly Case[] = [
  {
    name: 'Keycloak',
    answer: {
      status: 401,
      json: {
        error: 'unauthorized_client',
        error_description: 'Invalid client or Invalid client credentials',
      },
    },
    code: 'unauthorized_client',
    profile: keycloak(),
    hint: /against the client's credentials in Keycloak/,
  },
  {
    name: 'Auth0',
    answer: { status: 401, json: { error: 'access_denied', error_description: 'Unauthorized' } },
    code: 'token_request_refused',
    profile: auth0({ audience: 'https://mcp.example.com/mcp' }),
    hint: /^Check the client id and the secret against the application's credentials in Auth0/,
  },
  {
    name: 'Amazon Cognito',
    answer: { status: 400, json: { error: 'invalid_client' } },
    code: 'invalid_client',
    hint: GENERAL_HINT,
  },
  {
    name: 'a server behind a gateway',
    answer: { status: 401, headers: { 'www-authenticate': 'Basic realm="tokens"' }, body: 'Unauthorized' },
    code: 'token_request_refused',
    hint: GENERAL_HINT,
  },
];

/** Has the token endpoint take one secret, and refuse any other as the case does. */
function takeOnly(scene: Scene, secret: string, answer: EndpointAnswer): void {
  scene.authority.endpoints.token.answerWith(({ body }) => {
    const form = new URLSearchParams(body);
    if (form.get('client_secret') !== secret) return answer;
    const access_token = scene.authority.mint({ aud: form.get('resource') ?? 'an API' });
    return { json: { access_token, token_type: 'Bearer', expires_in: 300 } };
  });
}

describe.each(CASES)('a credential that $name refuses', ({ answer, code, profile, hint }) => {
  it('is followed by the next, once, and by that alone from then on', async () => {
    const scene = await createScene();
    takeOnly(scene, SECRET, answer);
    const authentication = [post('of last year'), post(SECRET)];
    const tokens = createTokenSource({ ...scene.options, provider: profile, authentication });
    await tokens.getToken();
    expect(tokenRequests(scene)).toHaveLength(2);
    expect(scene.events).toMatchObject([
      { type: 'credential_refused', method: 'client_secret_post', position: 0 },
      { type: 'token_request', outcome: 'success' },
    ]);
    scene.authority.advanceSeconds(290);
    await tokens.getToken();
    expect(tokenRequests(scene)).toHaveLength(3);
  });

  it('is told as such, by its own code, with the advice of the profile', async () => {
    const scene = await createScene();
    takeOnly(scene, SECRET, answer);
    const tokens = createTokenSource({ ...scene.options, provider: profile, authentication: post('wrong') });
    const failure = await failureOf(tokens.getToken());
    expect(failure).toMatchObject({ code, credentialRefused: true, step: 'token_request' });
    expect(failure.hint).toMatch(hint);
    // So does what is remembered of it.
    expect(await failureOf(tokens.getToken())).toMatchObject({ code, credentialRefused: true });
  });

  it('is told as such without a profile', async () => {
    const scene = await createScene();
    takeOnly(scene, SECRET, answer);
    const failure = await failureOf(
      createTokenSource({ ...scene.options, authentication: post('wrong') }).getToken(),
    );
    expect(failure.hint).toMatch(GENERAL_HINT);
  });

  it('is not sent again for any server until it has been changed, and then at once', async () => {
    const { scene, createClient } = await createClientScene();
    takeOnly(scene, SECRET, answer);
    let secret = 'of last year';
    const sourceOf = createClient({ authentication: post(() => secret) });
    await failureOf(sourceOf('/first').getToken());
    for (let index = 0; index < 20; index++) {
      expect(await failureOf(sourceOf(`/server-${index}`).getToken())).toMatchObject({
        code,
        credentialRefused: true,
        retryAt: expect.any(Date) as Date,
      });
    }
    scene.authority.advanceSeconds(20);
    await failureOf(sourceOf('/first').getToken());
    expect(tokenRequests(scene)).toHaveLength(1);
    secret = SECRET;
    scene.authority.advanceSeconds(2);
    await Promise.all(Array.from({ length: 20 }, (_, index) => sourceOf(`/server-${index}`).getToken()));
    expect(tokenRequests(scene)).toHaveLength(21);
  });
});

describe('what says nothing of the credential', () => {
  const other = post('another');
  it.each<[string, EndpointAnswer, Partial<TokenSourceOptions>]>([
    ['unauthorized_client with status 400', { status: 400, json: { error: 'unauthorized_client' } }, {}],
    ['access_denied with status 403', { status: 403, json: { error: 'access_denied' } }, {}],
    [
      'a proof that was refused, with status 401',
      { status: 401, json: { error: 'invalid_dpop_proof' } },
      { dpop: createDpop() },
    ],
    [
      'an overloaded server that says so with status 401',
      { status: 401, json: { error: 'temporarily_unavailable' } },
      {},
    ],
    [
      'an assertion that was refused, with status 401',
      { status: 401, json: { error: 'invalid_grant' } },
      { grant: jwtBearer({ assertion: async () => 'an-assertion' }) },
    ],
  ])('is %s: no other is tried', async (_, answer, options) => {
    const scene = await createScene();
    scene.authority.setMetadata({ grant_types_supported: undefined });
    scene.authority.endpoints.token.answerWith(answer);
    const authentication = [post(SECRET), other];
    const tokens = createTokenSource({ ...scene.options, ...options, authentication });
    expect(await failureOf(tokens.getToken())).toMatchObject({ credentialRefused: false });
    expect(tokenRequests(scene)).toHaveLength(1);
    expect(scene.events.map(({ type }) => type)).toEqual(['token_request']);
  });

  it('is a refusal at the identity provider: no other is tried at the MCP server’s authorization server', async () => {
    const identityProvider = await startLoopbackServer(({ url }) =>
      url.startsWith('/.well-known/')
        ? { json: { issuer: identityProvider.origin, token_endpoint: `${identityProvider.origin}/token` } }
        : { status: 401, json: { error: 'invalid_client' } },
    );
    const scene = await createScene();
    scene.authority.setMetadata({ grant_types_supported: [JWT_BEARER] });
    const grant = enterpriseManaged({
      identityProvider: {
        issuer: identityProvider.origin,
        clientId: 'assistant',
        authentication: clientSecretBasic({ clientSecret: 'withdrawn' }),
      },
      subjectToken: async () => 'an-id-token',
      subject: 'alice',
    });
    const tokens = createTokenSource({ ...scene.options, grant, authentication: [post(SECRET), other] });
    expect(await failureOf(tokens.getToken())).toMatchObject({
      code: 'invalid_client',
      step: 'assertion',
      credentialRefused: false,
    });
    expect(identityProvider.requests.filter(({ url }) => url === '/token')).toHaveLength(1);
    expect(tokenRequests(scene)).toEqual([]);
    expect(scene.events.map(({ type }) => type)).toEqual(['token_request']);
  });
});

it('the next credential goes with an assertion of its own', async () => {
  const scene = await createScene();
  scene.authority.setMetadata({ grant_types_supported: [JWT_BEARER] });
  takeOnly(scene, SECRET, { status: 401, json: { error: 'invalid_client' } });
  let made = 0;
  const grant = jwtBearer({ assertion: async () => `assertion-${++made}` });
  const authentication = [post('of last year'), post(SECRET)];
  await createTokenSource({ ...scene.options, grant, authentication }).getToken();
  expect(tokenRequests(scene).map((form) => form.get('assertion'))).toEqual(['assertion-1', 'assertion-2']);
});

it('a clock that is wrong is named where a signed assertion is refused with status 401 and another code', async () => {
  const { privateKey } = await generateKeyPair('ES256');
  const scene = await createScene();
  scene.authority.setMetadata({ token_endpoint_auth_methods_supported: undefined });
  const date = new Date(scene.authority.now() - 600_000).toUTCString();
  scene.authority.endpoints.token.answerWith({
    status: 401,
    headers: { date },
    json: { error: 'access_denied', error_description: 'expired' },
  });
  const authentication = privateKeyJwt({ key: privateKey, algorithm: 'ES256' });
  const { hint } = await failureOf(createTokenSource({ ...scene.options, authentication }).getToken());
  expect(hint).toMatch(/^The clock here is .* ahead of the server's.*Check the client id/);
});
