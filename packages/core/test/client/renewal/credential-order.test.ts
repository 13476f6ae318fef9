import { expect, it } from 'vitest';
import { clientSecretBasic, clientSecretPost, createTokenSource } from '../../../src/client/index.ts';
import { failureOf } from '../acquisition-failure.ts';
import { CLIENT_ID, createScene, SECRET, tokenRequests } from '../scene.ts';

const wrong = clientSecretBasic({ clientSecret: 'a secret of last year' });
const right = clientSecretBasic({ clientSecret: SECRET });

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
