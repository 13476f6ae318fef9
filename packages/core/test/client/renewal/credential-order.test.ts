import { generateKeyPair } from 'jose';
import { expect, it, vi } from 'vitest';
import {
  clientSecretBasic,
  clientSecretPost,
  createTokenSource,
  privateKeyJwt,
  type ClientAuthentication,
  type TokenSourceOptions,
} from '../../../src/client/index.ts';
import { failureOf } from '../acquisition-failure.ts';
import { CLIENT_ID, createScene, SECRET, tokenRequests } from '../scene.ts';

const wrong = clientSecretBasic({ clientSecret: 'a secret of last year' });
const right = clientSecretBasic({ clientSecret: SECRET });
const { privateKey } = await generateKeyPair('ES256');

it('tries the next credential once where one is refused, says so, and remembers which one works', async () => {
  const scene = await createScene();
  const tokens = createTokenSource({ ...scene.options, authentication: [wrong, right] });
  await tokens.getToken();
  expect(tokenRequests(scene)).toHaveLength(2);
  expect(scene.events).toMatchObject([
    { type: 'credential_refused', method: 'client_secret_basic', position: 0, clientId: CLIENT_ID },
    { type: 'token_request', outcome: 'success' },
  ]);
  scene.authority.advanceSeconds(290);
  await tokens.getToken();
  expect(tokenRequests(scene)).toHaveLength(3);
});

it('goes back to the first where the one after is withdrawn', async () => {
  const scene = await createScene();
  const tokens = createTokenSource({ ...scene.options, authentication: [wrong, right] });
  await tokens.getToken();
  scene.authority.registerClient({ clientId: CLIENT_ID, secret: 'a secret of last year' });
  scene.authority.advanceSeconds(290);
  await expect(tokens.getToken()).resolves.toBeDefined();
  expect(tokenRequests(scene)).toHaveLength(4);
});

it('passes over a method that the server does not offer', async () => {
  const scene = await createScene();
  scene.authority.setMetadata({ token_endpoint_auth_methods_supported: ['client_secret_basic'] });
  const authentication = [clientSecretPost({ clientSecret: SECRET }), right];
  await createTokenSource({ ...scene.options, authentication }).getToken();
  expect(tokenRequests(scene)).toHaveLength(1);
});

it('is refused with the refusal of the last one, and not asked again soon, where none works', async () => {
  const scene = await createScene();
  const tokens = createTokenSource({ ...scene.options, authentication: [wrong, wrong] });
  expect(await failureOf(tokens.getToken())).toMatchObject({ code: 'invalid_client' });
  for (let call = 0; call < 50; call++) await failureOf(tokens.getToken());
  expect(tokenRequests(scene)).toHaveLength(2);
});

it('asks at once when the secret that was refused has been rotated, without a restart', async () => {
  const scene = await createScene();
  let secret = 'a secret of last year';
  const tokens = createTokenSource({
    ...scene.options,
    authentication: clientSecretBasic({ clientSecret: () => secret }),
  });
  expect(await failureOf(tokens.getToken())).toMatchObject({ code: 'invalid_client' });
  scene.authority.advanceSeconds(2);
  expect(await failureOf(tokens.getToken())).toMatchObject({ code: 'invalid_client' });
  expect(tokenRequests(scene)).toHaveLength(1);
  secret = SECRET;
  scene.authority.advanceSeconds(2);
  await Promise.all(Array.from({ length: 50 }, () => tokens.getToken()));
  expect(tokenRequests(scene)).toHaveLength(2);
});

it('looks once a second at most whether the secret has been rotated, however many ask', async () => {
  const scene = await createScene();
  let reads = 0;
  const clientSecret = () => {
    reads += 1;
    return 'a secret of last year';
  };
  const tokens = createTokenSource({ ...scene.options, authentication: clientSecretBasic({ clientSecret }) });
  await failureOf(tokens.getToken());
  const before = reads;
  scene.authority.advanceSeconds(2);
  for (let call = 0; call < 20; call++) await failureOf(tokens.getToken());
  expect(reads).toBe(before + 1);
  scene.authority.advanceSeconds(2);
  for (let call = 0; call < 20; call++) await failureOf(tokens.getToken());
  expect(reads).toBe(before + 2);
  expect(tokenRequests(scene)).toHaveLength(1);
});

it.each<[string, () => string | Promise<string>]>([
  [
    'cannot be read at the moment',
    () => {
      throw new Error('no such file');
    },
  ],
  ['hangs', () => new Promise(() => undefined)],
])('takes a secret for no other where its source %s', async (_, later) => {
  const scene = await createScene();
  let read: () => string | Promise<string> = () => 'a secret of last year';
  const authentication = clientSecretBasic({ clientSecret: () => read() });
  const tokens = createTokenSource({ ...scene.options, authentication });
  await failureOf(tokens.getToken());
  read = later;
  scene.authority.advanceSeconds(2);
  expect(await failureOf(tokens.getToken())).toMatchObject({ code: 'invalid_client' });
  expect(tokenRequests(scene)).toHaveLength(1);
  read = () => SECRET;
  scene.authority.advanceSeconds(2);
  await expect(tokens.getToken()).resolves.toBeDefined();
});

it.each<[string, (read: () => void) => Partial<TokenSourceOptions>]>([
  [
    'a secret',
    (read) => ({
      authentication: clientSecretBasic({
        clientSecret: () => {
          read();
          return SECRET;
        },
      }),
    }),
  ],
  [
    'several secrets, of which the first is refused',
    (read) => ({
      authentication: [
        wrong,
        clientSecretPost({
          clientSecret: () => {
            read();
            return SECRET;
          },
        }),
      ],
    }),
  ],
  [
    'a key',
    (read) => ({
      authentication: privateKeyJwt({
        algorithm: 'ES256',
        key: () => {
          read();
          return privateKey;
        },
      }),
    }),
  ],
])('%s that a function gives is read once for a token request', async (_, optionsFor) => {
  const scene = await createScene();
  scene.authority.setMetadata({ token_endpoint_auth_methods_supported: undefined });
  let reads = 0;
  const tokens = createTokenSource({ ...scene.options, ...optionsFor(() => reads++) });
  scene.authority.endpoints.token.answerWith(({ headers, body }) => {
    const basic = headers.authorization?.slice('Basic '.length);
    const isWrong = basic !== undefined && atob(basic).endsWith(':a+secret+of+last+year');
    return isWrong && new URLSearchParams(body).get('client_secret') === null
      ? { status: 401, json: { error: 'invalid_client' } }
      : { json: { access_token: 'a-token', token_type: 'Bearer', expires_in: 300 } };
  });
  for (let request = 1; request <= 3; request++) {
    await tokens.getToken();
    expect(reads).toBe(request);
    scene.authority.advanceSeconds(290);
  }
});

it('a key that was refused and has been changed is used at once', async () => {
  const scene = await createScene();
  scene.authority.setMetadata({ token_endpoint_auth_methods_supported: undefined });
  let key = privateKey;
  const authentication = privateKeyJwt({ key: () => key, algorithm: 'ES256' });
  const tokens = createTokenSource({ ...scene.options, authentication });
  const refusal = { status: 401, json: { error: 'invalid_client' } };
  scene.authority.endpoints.token.answerWith(refusal, { times: 1 });
  await failureOf(tokens.getToken());
  scene.authority.advanceSeconds(2);
  await failureOf(tokens.getToken());
  expect(tokenRequests(scene)).toHaveLength(1);
  scene.authority.endpoints.token.answerWith({
    json: { access_token: 'a-token', token_type: 'Bearer', expires_in: 300 },
  });
  key = (await generateKeyPair('ES256')).privateKey;
  scene.authority.advanceSeconds(2);
  await tokens.getToken();
  expect(tokenRequests(scene)).toHaveLength(2);
});

it('a secret that was changed while it was being refused is used at once', async () => {
  const scene = await createScene();
  let secret = 'a secret of last year';
  const authentication = clientSecretBasic({ clientSecret: () => secret });
  const tokens = createTokenSource({ ...scene.options, authentication });
  const release = scene.authority.endpoints.token.hold();
  const refused = failureOf(tokens.getToken());
  await vi.waitFor(() => expect(tokenRequests(scene)).toHaveLength(1));
  secret = SECRET;
  release();
  expect(await refused).toMatchObject({ code: 'invalid_client' });
  await expect(tokens.getToken()).resolves.toBeDefined();
});

it('an authentication of one’s own tells by noteRevision what it sent, and is looked at again', async () => {
  const scene = await createScene();
  let secret = 'a secret of last year';
  const authentication: ClientAuthentication = {
    method: 'client_secret_post',
    authenticate(request, { clientId }) {
      request.noteRevision?.(`revision of ${secret.length} characters`);
      request.parameters.set('client_id', clientId);
      request.parameters.set('client_secret', secret);
    },
    revision: async () => `revision of ${secret.length} characters`,
  };
  const tokens = createTokenSource({ ...scene.options, authentication });
  await failureOf(tokens.getToken());
  scene.authority.advanceSeconds(2);
  await failureOf(tokens.getToken());
  expect(tokenRequests(scene)).toHaveLength(1);
  secret = SECRET;
  scene.authority.advanceSeconds(2);
  await expect(tokens.getToken()).resolves.toBeDefined();
});
