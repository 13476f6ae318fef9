import { inspect } from 'node:util';
import { exportJWK, generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  authorizedFetch,
  clientSecretBasic,
  clientSecretPost,
  createTokenSource,
  privateKeyJwt,
  type ClientAuthentication,
} from '../../src/client/index.ts';
import { formEncode } from '../../src/client-authentication/form-encoding.ts';
import { failureOf } from './acquisition-failure.ts';
import { CLIENT_ID, createScene, type Scene } from './scene.ts';

const SECRET = 'canary-secret:with%reserved+characters';
const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
const jwk = await exportJWK(privateKey);

/** Everything a program may print of a value. */
function print(value: unknown): string {
  const error = value instanceof Error ? `${value.message}\n${value.stack ?? ''}\n${String(value)}` : '';
  return [
    error,
    inspect(value, { depth: null, showHidden: true }),
    JSON.stringify(value),
    String(value),
  ].join('\n');
}

/** What must never be printed, given the requests that were made. */
function canaries(scene: Scene): string[] {
  const sent = scene.authority.endpoints.token.requests.flatMap(({ headers, body }) => {
    const authorization = headers.authorization ?? '';
    const assertion = new URLSearchParams(body).get('client_assertion') ?? '';
    return [
      authorization,
      authorization.slice('Basic '.length),
      assertion,
      assertion.split('.')[2] ?? '',
      body,
    ];
  });
  return [SECRET, formEncode(SECRET), String(jwk.d), ...sent].filter((value) => value.length > 8);
}

/** The secret as a server sees it once it has decoded a Basic header. */
function secretOf(authorization = ''): string {
  const encoded = Buffer.from(authorization.slice('Basic '.length), 'base64').toString().split(':')[1] ?? '';
  return decodeURIComponent(encoded.replaceAll('+', ' '));
}

const authentications: [string, ClientAuthentication][] = [
  ['S1, S5: client_secret_basic', clientSecretBasic({ clientSecret: SECRET })],
  ['S1: client_secret_post', clientSecretPost({ clientSecret: () => SECRET })],
  ['S2, S4: private_key_jwt', privateKeyJwt({ key: jwk, algorithm: 'ES256' })],
];

async function createCanaryScene(authentication: ClientAuthentication) {
  const scene = await createScene();
  scene.authority.registerClient({ clientId: CLIENT_ID, secret: SECRET, publicKey });
  return { scene, options: { ...scene.options, authentication } };
}

describe.each(authentications)('nothing printed holds a secret of %s', (_, authentication) => {
  it('when the server echoes the whole request in its refusal', async () => {
    const { scene, options } = await createCanaryScene(authentication);
    scene.authority.endpoints.token.answerWith(({ headers, body }) => ({
      status: 400,
      headers: { 'retry-after': '5' },
      json: {
        error: `invalid_client ${String(headers.authorization)} ${body}`,
        error_description: `${secretOf(headers.authorization)} ${[...new URLSearchParams(body).values()].join(' ')}`,
      },
    }));
    const error = await failureOf(createTokenSource(options).getToken());
    const printed = `${print(error)}\n${print(scene.events)}`;
    expect(printed).toContain('[concealed]');
    for (const canary of canaries(scene)) expect(printed).not.toContain(canary);
  });

  it('when fetch hangs the request on its error', async () => {
    const { scene, options } = await createCanaryScene(authentication);
    const fetch = async (url: string, init: RequestInit): Promise<Response> => {
      const response = await globalThis.fetch(url, init);
      if (init.method !== 'POST') return response;
      await response.text();
      const headers = Object.fromEntries(new Headers(init.headers));
      throw Object.assign(new Error(`failed: ${init.body as string}`, { cause: { init } }), {
        config: { headers, body: init.body },
        code: 'ECUSTOM',
      });
    };
    const error = await failureOf(createTokenSource({ ...options, fetch }).getToken());
    expect(error).toMatchObject({ code: 'unreachable', received: 'a network failure (ECUSTOM)' });
    const printed = `${print(error)}\n${print(error.cause)}\n${print(scene.events)}`;
    for (const canary of canaries(scene)) expect(printed).not.toContain(canary);
  });

  it('in the source, its options or its authentication', async () => {
    const { scene, options } = await createCanaryScene(authentication);
    const tokens = createTokenSource(options);
    await tokens.getToken();
    const printed = [tokens, authentication, authorizedFetch(tokens)].map(print).join('\n');
    for (const canary of canaries(scene)) expect(printed).not.toContain(canary);
  });
});

it("nothing printed holds a secret that an authentication of the caller's own throws", async () => {
  const scene = await createScene();
  const authentication: ClientAuthentication = {
    method: 'client_secret_post',
    authenticate() {
      throw new TypeError(`cannot use ${SECRET}`, { cause: SECRET });
    },
  };
  const error = await failureOf(createTokenSource({ ...scene.options, authentication }).getToken());
  expect(error.cause).toMatchObject({ name: 'TypeError' });
  expect(`${print(error)}\n${print(scene.events)}`).not.toContain(SECRET);
});

describe('S3: nothing printed holds the token', () => {
  it('of a token object, unless it is read by name', async () => {
    const scene = await createScene();
    const tokens = createTokenSource(scene.options);
    const token = await tokens.getToken();
    expect(token.accessToken).toMatch(/^ey/);
    const printed = [
      inspect(token, { depth: null }),
      JSON.stringify(token),
      JSON.stringify({ ...token }),
      print(scene.events),
      print(tokens),
    ].join('\n');
    expect(printed).toContain(scene.resource);
    expect(printed).not.toContain(token.accessToken);
  });

  it.each([
    ['cut off', (token: string) => `{"token_type":"Bearer","access_token":"${token}`],
    ['followed by junk', (token: string) => `{"access_token":"${token}"} ${token}`],
    [
      'a refusal that quotes it',
      (token: string) =>
        JSON.stringify({ access_token: token, error: 'invalid_target', error_description: token }),
    ],
    [
      'with the token as its type',
      (token: string) => JSON.stringify({ access_token: token, token_type: token }),
    ],
    ['of an unknown type', (token: string) => JSON.stringify({ access_token: token, token_type: 'mac' })],
    [
      'with a bad lifetime',
      (token: string) => JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: token }),
    ],
    [
      'with the token as scope',
      (token: string) => JSON.stringify({ access_token: token, token_type: 'Bearer', scope: [token] }),
    ],
    ['under the wrong name', (token: string) => JSON.stringify({ id_token: token, token_type: 'Bearer' })],
  ])('of a response that is %s', async (_, body) => {
    const scene = await createScene();
    const token = scene.authority.mint({ aud: scene.resource });
    scene.authority.endpoints.token.answerWith({
      body: body(token),
      headers: { 'content-type': 'application/json' },
    });
    const printed = print(await failureOf(createTokenSource(scene.options).getToken())) + print(scene.events);
    for (const part of token.split('.')) expect(printed).not.toContain(part.slice(0, 16));
  });

  it('of a resource that cannot be reached', async () => {
    const scene = await createScene();
    const tokens = createTokenSource(scene.options);
    const { accessToken } = await tokens.getToken();
    scene.answer = () => (response) => response.destroy();
    const error: unknown = await authorizedFetch(tokens)(scene.resource).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect(print(error)).not.toContain(accessToken);
  });
});
