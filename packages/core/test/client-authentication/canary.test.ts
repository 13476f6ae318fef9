import { createHmac, generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  clientSecretBasic,
  clientSecretPost,
  createTokenSource,
  privateKeyJwt,
  type ClientAuthentication,
} from '../../src/client/index.ts';
import { clientSecretJwt } from '../../src/client-authentication/client-secret-jwt.ts';
import { failureOf } from '../client/acquisition-failure.ts';
import { createScene } from '../client/scene.ts';
import { prove } from './token-request.ts';

const SECRET = 'canary-secret, long enough for an HMAC by SHA-256';
const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
const SIGNATURE = createHmac('sha512', SECRET).digest();

const authentications: [string, ClientAuthentication][] = [
  ['S1: clientSecretBasic', clientSecretBasic({ clientSecret: SECRET })],
  ['S1: clientSecretPost', clientSecretPost({ clientSecret: () => SECRET })],
  ['S1, S2: clientSecretJwt', clientSecretJwt({ clientSecret: SECRET, algorithm: 'HS256' })],
  [
    'S1, S2: clientSecretJwt by a function',
    clientSecretJwt({ clientSecret: () => SECRET, algorithm: 'HS256' }),
  ],
  ['S2, S4: privateKeyJwt', privateKeyJwt({ key: jwk, algorithm: 'ES256' })],
  ['S2, S4: privateKeyJwt by a function', privateKeyJwt({ key: () => jwk, algorithm: 'ES256' })],
  ['S2: privateKeyJwt by a signer', privateKeyJwt({ sign: () => SIGNATURE, algorithm: 'EdDSA' })],
];

/** An authority that names no methods: all are tried. */
async function createOpenScene() {
  const scene = await createScene();
  scene.authority.setMetadata({
    token_endpoint_auth_methods_supported: undefined,
    token_endpoint_auth_signing_alg_values_supported: undefined,
  });
  return scene;
}

/** Everything a program may print of a value. */
function print(value: unknown): string {
  const stack = value instanceof Error ? value.stack : '';
  return [
    inspect(value, { depth: null, showHidden: true }),
    JSON.stringify(value),
    String(value),
    stack,
  ].join('\n');
}

describe.each(authentications)('nothing printed holds a secret of %s', (_, authentication) => {
  it('before and after it is used', async () => {
    const before = print(authentication);
    const { assertion, concealed } = await prove(authentication);
    const revision = await authentication.revision?.();
    const printed = `${before}\n${print(authentication)}\n${print(revision)}`;
    for (const canary of [SECRET, String(jwk.d), assertion, ...concealed].filter((value) => value !== '')) {
      expect(printed).not.toContain(canary);
    }
  });

  it('when the server echoes the request in its refusal', async () => {
    const scene = await createOpenScene();
    scene.authority.endpoints.token.answerWith(({ headers, body }) => ({
      status: 401,
      json: {
        error: 'invalid_client',
        error_description: `${[...new URLSearchParams(body).values()].toReversed().join(' ')} ${String(headers.authorization)} ${body}`,
      },
    }));
    const error = await failureOf(createTokenSource({ ...scene.options, authentication }).getToken());
    const [request] = scene.authority.endpoints.token.requests;
    const assertion = new URLSearchParams(request?.body).get('client_assertion') ?? '';
    const authorization = request?.headers.authorization?.slice('Basic '.length) ?? '';
    const printed = `${print(error)}\n${print(scene.events)}`;
    expect(error.code).toBe('invalid_client');
    const canaries = [SECRET, ...assertion.split('.').map((part) => part.slice(0, 30)), authorization];
    for (const canary of canaries.filter((value) => value !== '')) expect(printed).not.toContain(canary);
  });
});

describe('what is wrong with a key, a secret or a signature', () => {
  it.each<[string, ClientAuthentication, RegExp]>([
    [
      'a key that a function reads',
      privateKeyJwt({ key: () => ({ ...jwk, crv: 'P-384' }), algorithm: 'ES256' }),
      /^the function given as key: key does not fit algorithm ES256/,
    ],
    [
      'a key that is broken',
      privateKeyJwt({ key: { ...jwk, x: String(jwk.d) }, algorithm: 'ES256' }),
      /^key cannot be imported for ES256/,
    ],
    [
      'the answer of a signer',
      privateKeyJwt({ sign: () => SIGNATURE.subarray(1), algorithm: 'ES256' }),
      /^the function given as sign: its answer cannot be a signature by ES256: .* received 63 bytes\.$/,
    ],
    [
      'a secret that is too short',
      clientSecretJwt({ clientSecret: () => SECRET.slice(0, 31), algorithm: 'HS256' }),
      /^the function given as clientSecret: its value is too short/,
    ],
  ])('S1, S4: is shown to the operator in the cause, without it: %s', async (_, authentication, message) => {
    const scene = await createOpenScene();
    const error = await failureOf(createTokenSource({ ...scene.options, authentication }).getToken());
    expect(error).toMatchObject({ code: 'client_authentication_failed', step: 'client_authentication' });
    expect((error.cause as Error).message).toMatch(message);
    const printed = `${print(error)}\n${print(scene.events)}`;
    for (const canary of ['canary', String(jwk.d), SIGNATURE.subarray(1, 33).toString('hex')]) {
      expect(printed).not.toContain(canary);
    }
  });

  it('S4: is left out of what a signer throws by itself', async () => {
    const scene = await createOpenScene();
    const sign = () => Promise.reject(Object.assign(new Error(SECRET), { code: 'E_KMS' }));
    const authentication = privateKeyJwt({ sign, algorithm: 'ES256' });
    const error = await failureOf(createTokenSource({ ...scene.options, authentication }).getToken());
    expect(error.cause).toMatchObject({ code: 'E_KMS' });
    expect(`${print(error)}\n${print(scene.events)}`).not.toContain('canary');
  });
});
