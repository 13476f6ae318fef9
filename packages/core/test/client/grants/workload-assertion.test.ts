import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { AssertionSourceError, createTokenSource, workloadAssertion } from '../../../src/client/index.ts';
import { failureOf } from '../acquisition-failure.ts';
import { CLIENT_ID, tokenRequests } from '../scene.ts';
import { createGrantScene, createSigner } from './grant-scene.ts';

async function setUp() {
  const platform = await createSigner();
  const scene = await createGrantScene('client_credentials', async (form) => {
    await platform.verify(form.get('client_assertion') ?? '', scene.authority.issuer);
    return {};
  });
  scene.authority.setMetadata({ token_endpoint_auth_methods_supported: ['private_key_jwt'] });
  return { platform, scene };
}

it('proves who the client is with the token of its workload, read anew for every request', async () => {
  const { platform, scene } = await setUp();
  const authentication = workloadAssertion({
    assertion: ({ audience, resource }) => platform.sign({ sub: resource, aud: audience }),
  });
  const tokens = createTokenSource({ ...scene.options, authentication });
  await tokens.getToken();
  scene.authority.advanceSeconds(290);
  await tokens.getToken();
  const [first, second] = tokenRequests(scene);
  expect(Object.fromEntries(first ?? [])).toEqual({
    grant_type: 'client_credentials',
    client_id: CLIENT_ID,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: expect.any(String),
    resource: scene.resource,
  });
  expect(second?.get('client_assertion')).not.toBe(first?.get('client_assertion'));
});

it('says what the source expected and received', async () => {
  const { scene } = await setUp();
  const details = { from: '/var/run/token', expected: 'a file', received: 'none', hint: 'Mount it.' };
  const authentication = workloadAssertion({
    assertion: {
      name: 'the platform',
      getAssertion: () => Promise.reject(new AssertionSourceError('the platform', details)),
    },
  });
  expect(await failureOf(createTokenSource({ ...scene.options, authentication }).getToken())).toMatchObject({
    code: 'assertion_unavailable',
    step: 'assertion',
    server: '/var/run/token',
    expected: 'a file',
    received: 'none',
    hint: 'Mount it.',
  });
});

it('S2: sends nothing that is no assertion, and shows none', async () => {
  const { scene } = await setUp();
  const authentication = workloadAssertion({ assertion: async () => 'canary assertion' });
  const error = await failureOf(createTokenSource({ ...scene.options, authentication }).getToken());
  expect(error).toMatchObject({ code: 'assertion_unavailable', received: '16 characters' });
  expect(inspect(error, { showHidden: true, depth: 10 })).not.toContain('canary');
  expect(tokenRequests(scene)).toHaveLength(0);
});

it('ends within the time budget when the source hangs', async () => {
  const { scene } = await setUp();
  const authentication = workloadAssertion({ assertion: () => new Promise(() => undefined) });
  const tokens = createTokenSource({ ...scene.options, authentication, timeoutMilliseconds: 300 });
  expect(await failureOf(tokens.getToken())).toMatchObject({ code: 'timeout' });
});
