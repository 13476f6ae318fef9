import { generateKeyPairSync } from 'node:crypto';
import {
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  jwtVerify,
  type CryptoKey,
  type JWK,
} from 'jose';
import { describe, expect, it } from 'vitest';
import { createTokenSource, privateKeyJwt, type PrivateKeyJwtOptions } from '../../src/client/index.ts';
import { failureOf } from '../client/acquisition-failure.ts';
import { CLIENT_ID, createScene, tokenRequests } from '../client/scene.ts';

const es256 = await generateKeyPair('ES256', { extractable: true });
const es256Jwk: JWK = { ...(await exportJWK(es256.privateKey)), kid: 'own-kid' };

async function assertionOf(options: PrivateKeyJwtOptions, publicKey: CryptoKey = es256.publicKey) {
  const scene = await createScene();
  scene.authority.registerClient({ clientId: CLIENT_ID, publicKey });
  const authentication = privateKeyJwt(options);
  await createTokenSource({ ...scene.options, authentication }).getToken();
  const assertion = tokenRequests(scene)[0]?.get('client_assertion') ?? '';
  return { scene, header: decodeProtectedHeader(assertion), claims: decodeJwt(assertion) };
}

describe('privateKeyJwt', () => {
  it('signs an assertion for the issuer alone, of the right type, valid for a minute', async () => {
    const { scene, header, claims } = await assertionOf({ key: es256.privateKey, algorithm: 'ES256' });
    expect(header).toEqual({ alg: 'ES256', typ: 'client-authentication+jwt' });
    expect(claims).toEqual({
      iss: CLIENT_ID,
      sub: CLIENT_ID,
      aud: scene.authority.issuer,
      iat: claims.iat,
      exp: (claims.iat ?? 0) + 60,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
    expect(tokenRequests(scene)[0]?.get('client_assertion_type')).toBe(
      'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    );
    expect(scene.authority.endpoints.token.requests[0]?.headers.authorization).toBeUndefined();
  });

  it('never uses an assertion twice, and takes its time from the injected clock', async () => {
    const scene = await createScene();
    scene.authority.registerClient({ clientId: CLIENT_ID, publicKey: es256.publicKey });
    const authentication = privateKeyJwt({ key: es256.privateKey, algorithm: 'ES256' });
    const tokens = createTokenSource({ ...scene.options, authentication });
    await tokens.getToken();
    scene.authority.advanceSeconds(86_400);
    await tokens.getToken();
    const [first, second] = tokenRequests(scene).map((form) => decodeJwt(form.get('client_assertion') ?? ''));
    expect(first?.jti).not.toBe(second?.jti);
    expect((second?.iat ?? 0) - (first?.iat ?? 0)).toBeGreaterThanOrEqual(86_400);
  });

  it.each<[string, () => Promise<PrivateKeyJwtOptions> | PrivateKeyJwtOptions, string | undefined]>([
    [
      'a CryptoKey that cannot be exported',
      async () => ({ key: await unextractable(), algorithm: 'ES256' }),
      undefined,
    ],
    [
      'PKCS #8 in PEM',
      async () => ({ key: await exportPKCS8(es256.privateKey), algorithm: 'ES256' }),
      undefined,
    ],
    ['a JWK, with its kid', () => ({ key: es256Jwk, algorithm: 'ES256' }), 'own-kid'],
    [
      'a JWK whose key_ops name nothing',
      () => ({ key: { ...es256Jwk, key_ops: [] }, algorithm: 'ES256' }),
      'own-kid',
    ],
    [
      'keyId before the kid of the JWK',
      () => ({ key: es256Jwk, algorithm: 'ES256', keyId: 'given' }),
      'given',
    ],
  ])('takes %s', async (_, options, kid) => {
    const { header } = await assertionOf(await options());
    expect(header.kid).toBe(kid);
  });

  it.each(['RS256', 'PS256', 'EdDSA'] as const)(
    'signs with %s, from every form of key',
    async (algorithm) => {
      const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
      const pem = await exportPKCS8(privateKey);
      for (const key of [privateKey, pem, await exportJWK(privateKey)]) {
        const { header } = await assertionOf({ key, algorithm }, publicKey);
        expect(header.alg).toBe(algorithm);
      }
    },
  );

  it('signs with Ed25519 by its own name', async () => {
    const { publicKey, privateKey } = await generateKeyPair('Ed25519');
    const parameters = new URLSearchParams();
    await privateKeyJwt({ key: privateKey, algorithm: 'Ed25519' }).authenticate(
      { headers: new Headers(), parameters, conceal: () => undefined },
      { issuer: 'https://a.example', tokenEndpoint: 'https://a.example/token', clientId: 'c', now: Date.now },
    );
    const assertion = parameters.get('client_assertion') ?? '';
    const { protectedHeader } = await jwtVerify(assertion, publicKey, {
      audience: 'https://a.example',
      issuer: 'c',
    });
    expect(protectedHeader.alg).toBe('Ed25519');
  });

  it('says which algorithms the server offers when it does not offer this one', async () => {
    const scene = await createScene();
    scene.authority.setMetadata({ token_endpoint_auth_signing_alg_values_supported: ['RS256'] });
    const authentication = privateKeyJwt({ key: es256.privateKey, algorithm: 'ES256' });
    expect(await failureOf(createTokenSource({ ...scene.options, authentication }).getToken())).toMatchObject(
      {
        code: 'signing_algorithm_not_supported',
        received: '["RS256"]',
      },
    );
  });

  it('reports a key that turns out to be broken, without showing it', async () => {
    const scene = await createScene();
    const key = '-----BEGIN PRIVATE KEY-----\nQ0FOQVJZ\n-----END PRIVATE KEY-----';
    const authentication = privateKeyJwt({ key, algorithm: 'ES256' });
    const error = await failureOf(createTokenSource({ ...scene.options, authentication }).getToken());
    expect(error).toMatchObject({ code: 'client_authentication_failed', step: 'client_authentication' });
    expect(`${String(error.cause)} ${error.message}`).not.toContain('Q0FOQVJZ');
  });
});

describe('the options of privateKeyJwt', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const pem = (type: 'sec1' | 'pkcs8') => ec.export({ type, format: 'pem' }) as string;

  it.each<[string, () => unknown, RegExp]>([
    ['no algorithm', () => ({ key: es256Jwk }), /algorithm must be one of ES256/],
    ['alg none', () => ({ key: es256Jwk, algorithm: 'none' }), /algorithm must be one of/],
    ['a symmetric algorithm', () => ({ key: es256Jwk, algorithm: 'HS256' }), /algorithm must be one of/],
    ['an inherited name', () => ({ key: es256Jwk, algorithm: 'constructor' }), /algorithm must be one of/],
    ['no key', () => ({ algorithm: 'ES256' }), /key must be a CryptoKey, a JWK or PKCS #8 in PEM/],
    ['SEC 1 in PEM', () => ({ key: pem('sec1'), algorithm: 'ES256' }), /openssl pkcs8 -topk8 -nocrypt/],
    [
      'encrypted PEM',
      () => ({
        key: ec.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }),
        algorithm: 'ES256',
      }),
      /ENCRYPTED PRIVATE KEY.*decrypt it first/,
    ],
    [
      'a public key in PEM',
      () => ({ key: '-----BEGIN PUBLIC KEY-----', algorithm: 'ES256' }),
      /private key is needed/,
    ],
    ['the path of a file', () => ({ key: './key.pem', algorithm: 'ES256' }), /read a file before passing it/],
    [
      'a public CryptoKey',
      () => ({ key: es256.publicKey, algorithm: 'ES256' }),
      /private CryptoKey with the usage/,
    ],
    [
      'a public JWK',
      () => ({ key: { ...es256Jwk, d: undefined }, algorithm: 'ES256' }),
      /without its private part/,
    ],
    ['a JWK of another curve', () => ({ key: es256Jwk, algorithm: 'ES384' }), /kty EC and crv P-384/],
    ['a JWK of another kind', () => ({ key: es256Jwk, algorithm: 'RS256' }), /kty RSA/],
    [
      'a JWK for another algorithm',
      () => ({ key: { ...es256Jwk, alg: 'ES384' }, algorithm: 'ES256' }),
      /alg ES256/,
    ],
    [
      'a CryptoKey of another curve',
      () => ({ key: es256.privateKey, algorithm: 'ES384' }),
      /ECDSA with P-256/,
    ],
    ['a CryptoKey of another kind', () => ({ key: es256.privateKey, algorithm: 'PS256' }), /a key for ECDSA/],
    [
      'an empty keyId',
      () => ({ key: es256Jwk, algorithm: 'ES256', keyId: '' }),
      /keyId must be a non-empty string/,
    ],
    ['an unknown option', () => ({ key: es256Jwk, alg: 'ES256' }), /unknown option "alg"/],
    ['nothing', () => undefined, /privateKeyJwt takes an object/],
  ])('refuse %s, naming the option and the mend', (_, options, message) => {
    const attempt = () => privateKeyJwt(options() as PrivateKeyJwtOptions);
    expect(attempt).toThrow(TypeError);
    expect(attempt).toThrow(message);
    expect(attempt).not.toThrow(new RegExp(String(es256Jwk.d)));
  });

  it('take PKCS #8 from another tool', () => {
    expect(privateKeyJwt({ key: pem('pkcs8'), algorithm: 'ES256' })).toMatchObject({
      method: 'private_key_jwt',
      algorithm: 'ES256',
    });
  });
});

async function unextractable(): Promise<CryptoKey> {
  return crypto.subtle.importKey(
    'pkcs8',
    Buffer.from((await exportPKCS8(es256.privateKey)).replace(/-----.*-----|\s/g, ''), 'base64'),
    { name: 'ECDSA', namedCurve: 'P-256' },
    false,
    ['sign'],
  );
}
