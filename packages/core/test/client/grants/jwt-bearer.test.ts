import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, jwtVerify } from 'jose';
import { noClientAuthentication } from '../../../src/client-authentication/no-client-authentication.ts';
import {
  AssertionSourceError,
  authorizedFetch,
  createTokenSource,
  jwtBearer,
  selfSignedAssertion,
} from '../../../src/client/index.ts';
import { failureOf } from '../acquisition-failure.ts';
import { CLIENT_ID, tokenRequests } from '../scene.ts';
import { createGrantScene, createSigner } from './grant-scene.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

async function setUp() {
  const platform = await createSigner();
  const scene = await createGrantScene(GRANT, async (form) => {
    const { sub } = await platform.verify(form.get('assertion') ?? '', scene.authority.issuer);
    return { scope: `of-${sub}` };
  });
  const options = { ...scene.options, authentication: noClientAuthentication() };
  return { scene, platform, options };
}

it('presents the workload token as the assertion, asks for it anew each time, and gets a token for the resource', async () => {
  const { scene, platform, options } = await setUp();
  const asked: string[] = [];
  const tokens = createTokenSource({
    ...options,
    grant: jwtBearer({
      assertion: async ({ audience, clientId, resource }) => {
        asked.push([audience, clientId, resource].join(' '));
        return platform.sign({ sub: 'pod-7', aud: audience });
      },
    }),
  });
  expect((await authorizedFetch(tokens)(scene.resource)).status).toBe(200);
  scene.authority.advanceSeconds(290);
  await tokens.getToken();
  const expected = [scene.authority.issuer, CLIENT_ID, scene.resource].join(' ');
  expect(asked).toEqual([expected, expected]);
  const [first, second] = tokenRequests(scene);
  expect(Object.fromEntries(first ?? [])).toEqual({
    grant_type: GRANT,
    assertion: expect.any(String),
    client_id: CLIENT_ID,
    resource: scene.resource,
  });
  expect(second?.get('assertion')).not.toBe(first?.get('assertion'));
});

it('is neither tried again nor with another grant when it is refused (SEP-1933)', async () => {
  const { scene, platform, options } = await setUp();
  scene.metadata.scopes_supported = ['deploy:read'];
  scene.authority.endpoints.token.answerWith({ status: 400, json: { error: 'invalid_scope' } });
  const tokens = createTokenSource({
    ...options,
    grant: jwtBearer({ assertion: ({ audience }) => platform.sign({ aud: audience }) }),
  });
  expect(await failureOf(tokens.getToken())).toMatchObject({ code: 'invalid_scope' });
  for (let call = 0; call < 20; call++) await failureOf(tokens.getToken());
  expect(tokenRequests(scene)).toHaveLength(1);
});

it('says what the source expected and received, and shows no assertion', async () => {
  const { scene, options } = await setUp();
  const getAssertion = () => {
    throw new AssertionSourceError('the platform', {
      from: '/var/run/token',
      expected: 'a file',
      received: 'none',
      hint: 'Mount it.',
    });
  };
  const grant = jwtBearer({ assertion: { name: 'the platform', getAssertion } });
  expect(await failureOf(createTokenSource({ ...options, grant }).getToken())).toMatchObject({
    code: 'assertion_unavailable',
    step: 'assertion',
    server: 'the platform, /var/run/token',
    expected: 'a file',
    received: 'none',
    hint: 'Mount it.',
  });
  expect(tokenRequests(scene)).toHaveLength(0);
});

it('S2: what a function throws is not shown, as it may hold the assertion', async () => {
  const { options } = await setUp();
  const assertion = () => {
    throw new Error('canary-assertion');
  };
  const error = await failureOf(
    createTokenSource({ ...options, grant: jwtBearer({ assertion }) }).getToken(),
  );
  expect(error).toMatchObject({ code: 'assertion_unavailable' });
  expect(inspect(error, { showHidden: true, depth: 10 })).not.toContain('canary-assertion');
});

it('S2: an assertion that the server echoes is not shown', async () => {
  const { scene, platform, options } = await setUp();
  const signed = await platform.sign({ aud: 'https://other.example.com' });
  scene.authority.endpoints.token.answerWith(({ body }) => ({
    status: 400,
    json: { error: 'invalid_grant', error_description: body },
  }));
  const grant = jwtBearer({ assertion: async () => signed });
  const error = await failureOf(createTokenSource({ ...options, grant }).getToken());
  expect(error).toMatchObject({ code: 'invalid_grant' });
  const shown = inspect(error, { showHidden: true, depth: 10 });
  for (const part of signed.split('.')) expect(shown).not.toContain(part);
});

it.each([
  ['nothing', undefined],
  ['an empty text', ''],
  ['a text with a line break', 'a\r\nb'],
  ['a megabyte', 'a'.repeat(1_000_000)],
])('does not send %s as an assertion', async (_, value) => {
  const { scene, options } = await setUp();
  const grant = jwtBearer({ assertion: async () => value as string });
  expect(await failureOf(createTokenSource({ ...options, grant }).getToken())).toMatchObject({
    code: 'assertion_unavailable',
  });
  expect(tokenRequests(scene)).toHaveLength(0);
});

it('ends within the time budget when the source hangs, and tells it so', async () => {
  const { options } = await setUp();
  let aborted = false;
  const grant = jwtBearer({
    assertion: ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted = true;
          reject(new Error('too late'));
        });
      }),
  });
  const tokens = createTokenSource({ ...options, grant, timeoutMilliseconds: 300 });
  expect(await failureOf(tokens.getToken())).toMatchObject({ code: 'timeout', step: 'assertion' });
  expect(aborted).toBe(true);
});

it('works with an assertion that the client signs itself', async () => {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true });
  const scene = await createGrantScene(GRANT, async (form) => {
    const assertion = form.get('assertion') ?? '';
    const { payload } = await jwtVerify(assertion, publicKey, {
      audience: scene.authority.issuer,
      issuer: CLIENT_ID,
    });
    expect(payload).toMatchObject({ sub: CLIENT_ID, aud: scene.authority.issuer, jti: expect.any(String) });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
    return {};
  });
  const key = { ...(await exportJWK(privateKey)), kid: 'key-1' };
  const grant = jwtBearer({ assertion: selfSignedAssertion({ key, algorithm: 'EdDSA' }) });
  const tokens = createTokenSource({ ...scene.options, now: Date.now, grant });
  await tokens.getToken();
  const assertion = tokenRequests(scene)[0]?.get('assertion') ?? '';
  expect(decodeProtectedHeader(assertion)).toEqual({ alg: 'EdDSA', typ: 'JWT', kid: 'key-1' });
  await tokens.reportRefused(await tokens.getToken(), { status: 401 });
  expect(decodeJwt(tokenRequests(scene)[1]?.get('assertion') ?? '').jti).not.toBe(decodeJwt(assertion).jti);
});

it('refuses an answer that hands the assertion back as the token', async () => {
  const { scene, platform, options } = await setUp();
  scene.authority.endpoints.token.answerWith(({ body }) => ({
    json: { access_token: new URLSearchParams(body).get('assertion'), token_type: 'Bearer' },
  }));
  const grant = jwtBearer({ assertion: ({ audience }) => platform.sign({ aud: audience }) });
  expect(await failureOf(createTokenSource({ ...options, grant }).getToken())).toMatchObject({
    code: 'token_response_invalid',
    received: 'the one that was handed in',
  });
});

it('refuses a wrong source in words', () => {
  expect(() => jwtBearer({ assertion: 'eyJ' as never })).toThrow(/^assertion must be a source such as/);
  expect(() => jwtBearer({ assertions: 1 } as never)).toThrow(/did you mean "assertion"/);
});
