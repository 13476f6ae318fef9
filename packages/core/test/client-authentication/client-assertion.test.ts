import { createHash, generateKeyPairSync } from 'node:crypto';
import { createTestAuthority } from '@mcp-m2m/testing';
import { exportJWK, exportPKCS8, generateKeyPair, jwtVerify, type JWK, type JWTVerifyOptions } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { privateKeyJwt, type SigningAlgorithm } from '../../src/client/index.ts';
import { clientSecretJwt } from '../../src/client-authentication/client-secret-jwt.ts';
import { CONTEXT, prove, requestToken } from './token-request.ts';

const SECRET = 'a shared secret of more than sixty-four bytes, so that it fits HS512 as well';
const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
const secretKey = new TextEncoder().encode(SECRET);

type Options = Pick<Parameters<typeof privateKeyJwt>[0], 'audience' | 'type'>;

describe.each([
  [
    'privateKeyJwt',
    publicKey,
    (options: Options) => privateKeyJwt({ key: privateKey, algorithm: 'ES256', ...options }),
  ],
  [
    'clientSecretJwt',
    secretKey,
    (options: Options) => clientSecretJwt({ clientSecret: SECRET, algorithm: 'HS256', ...options }),
  ],
] as const)('the assertion of %s', (_name, key, create) => {
  const verify = async (options: Options, context: Parameters<typeof prove>[1], expected: JWTVerifyOptions) =>
    jwtVerify((await prove(create(options), context)).assertion, key, expected);

  it.each<[string, Options['audience'], 'issuer' | 'token-endpoint' | undefined, string]>([
    ['the issuer', undefined, undefined, CONTEXT.issuer],
    ['the issuer as the profile says', undefined, 'issuer', CONTEXT.issuer],
    ['the token endpoint as the profile says', undefined, 'token-endpoint', CONTEXT.tokenEndpoint],
    ['the token endpoint as the option says', 'token-endpoint', undefined, CONTEXT.tokenEndpoint],
    ['the issuer as the option says, before the profile', 'issuer', 'token-endpoint', CONTEXT.issuer],
    ['a URI', 'https://realm.example.com/a', 'token-endpoint', 'https://realm.example.com/a'],
    ['a URN', 'urn:example:audience', undefined, 'urn:example:audience'],
  ])('A17: has one audience, as a string: %s', async (_, audience, assertionAudience, expected) => {
    const { payload } = await verify({ audience }, { assertionAudience }, { audience: expected });
    expect(payload.aud).toBe(expected);
  });

  it('is of the type client-authentication+jwt, or JWT where the server wants that', async () => {
    await verify({}, {}, { typ: 'client-authentication+jwt' });
    await verify({ type: 'client-authentication+jwt' }, {}, { typ: 'client-authentication+jwt' });
    const { protectedHeader } = await verify({ type: 'JWT' }, {}, {});
    expect(protectedHeader.typ).toBe('JWT');
  });

  it.each([
    ['a misspelt audience', { audience: 'token_endpoint' }, /audience must be "issuer", "token-endpoint" or/],
    ['an empty audience', { audience: '' }, /audience must be/],
    ['several audiences', { audience: [CONTEXT.issuer] }, /audience must be/],
    ['null as audience', { audience: null }, /audience must be/],
    ['the type of another token', { type: 'at+jwt' }, /type must be "client-authentication\+jwt" or "JWT"/],
    ['an empty type', { type: '' }, /type must be/],
  ])('is refused at once with %s', (_, options, message) => {
    expect(() => create(options as Options)).toThrow(TypeError);
    expect(() => create(options as Options)).toThrow(message);
  });
});

describe('the key of privateKeyJwt', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 0x10001 });
  const rsaKeys = async (algorithm: SigningAlgorithm) => {
    const name = algorithm.startsWith('PS') ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5';
    const parameters = { name, hash: `SHA-${algorithm.slice(2)}` };
    const der = rsa.privateKey.export({ type: 'pkcs8', format: 'der' });
    return {
      publicKey: rsa.publicKey,
      privateKey: await crypto.subtle.importKey('pkcs8', new Uint8Array(der), parameters, true, ['sign']),
    };
  };

  it.each([
    'ES256',
    'ES384',
    'ES512',
    'RS256',
    'RS384',
    'RS512',
    'PS256',
    'PS384',
    'PS512',
    'EdDSA',
    'Ed25519',
  ] as const)(
    'signs with %s what verifies, be it a CryptoKey, PEM, a JWK or a function',
    async (algorithm) => {
      const pair = /^[RP]S/.test(algorithm)
        ? await rsaKeys(algorithm)
        : await generateKeyPair(algorithm, { extractable: true });
      const pem = await exportPKCS8(pair.privateKey);
      const jwk = await exportJWK(pair.privateKey);
      const keys = [pair.privateKey, pem, jwk, () => pem, () => Promise.resolve(jwk), () => pair.privateKey];
      for (const key of keys) {
        const { assertion } = await prove(privateKeyJwt({ key, algorithm }));
        const { protectedHeader } = await jwtVerify(assertion, pair.publicKey, { algorithms: [algorithm] });
        expect(protectedHeader.alg).toBe(algorithm);
      }
    },
  );

  it('A24: is refused by a server that knows another', async () => {
    const authority = await createTestAuthority();
    onTestFinished(() => authority.close());
    authority.registerClient({ clientId: CONTEXT.clientId, publicKey });
    const own = privateKeyJwt({ key: privateKey, algorithm: 'ES256', type: 'JWT' });
    expect((await requestToken(authority, own)).status).toBe(200);
    const other = await generateKeyPair('ES256');
    const foreign = privateKeyJwt({ key: other.privateKey, algorithm: 'ES256' });
    expect((await requestToken(authority, foreign)).status).toBe(401);
  });

  it('may be named by the certificate that holds its public key', async () => {
    const certificateThumbprint = createHash('sha256').update('a certificate in DER').digest('base64url');
    const options = { key: privateKey, algorithm: 'ES256', keyId: 'k', certificateThumbprint } as const;
    const { assertion } = await prove(privateKeyJwt(options));
    const { protectedHeader } = await jwtVerify(assertion, publicKey);
    expect(protectedHeader).toMatchObject({ kid: 'k', 'x5t#S256': certificateThumbprint });
  });

  it.each([
    ['in hexadecimal', createHash('sha256').update('').digest('hex')],
    ['with padding', createHash('sha256').update('').digest('base64')],
    ['by SHA-1', createHash('sha1').update('').digest('base64url')],
    ['with bits to spare', `${'A'.repeat(42)}B`],
    ['with a line break', `${'A'.repeat(43)}\n`],
    ['empty', ''],
    ['as bytes', new Uint8Array(32)],
  ])('is refused at once with a thumbprint %s', (_, thumbprint) => {
    const attempt = () =>
      privateKeyJwt({
        key: privateKey,
        algorithm: 'ES256',
        certificateThumbprint: thumbprint as string,
      });
    expect(attempt).toThrow(TypeError);
    expect(attempt).toThrow(
      /certificateThumbprint must be the SHA-256 of the certificate in DER, in Base64url/,
    );
  });

  it.each<[string, string | JWK]>([
    ['broken', '-----BEGIN PRIVATE KEY-----\nQ0FOQVJZ\n-----END PRIVATE KEY-----'],
    [
      'for another algorithm',
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    ],
    ['a JWK that is broken', { kty: 'EC', crv: 'P-256', x: 'Q0FOQVJZ', y: 'Q0FOQVJZ', d: 'Q0FOQVJZ' }],
  ])('is reported in words when it turns out to be %s', async (_, key) => {
    await expect(prove(privateKeyJwt({ key, algorithm: 'ES256' }))).rejects.toMatchObject({
      name: 'ClientSecretError',
      message: 'key cannot be imported for ES256: it is broken, or made for another algorithm.',
    });
  });

  it('is reported in words when it is an RSA key of too few bits', async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
    const key = weak.export({ type: 'pkcs8', format: 'pem' }) as string;
    await expect(prove(privateKeyJwt({ key, algorithm: 'PS256' }))).rejects.toMatchObject({
      name: 'ClientSecretError',
      message: 'key has 1024 bits; PS256 takes RSA keys of at least 2048 (RFC 7518 §3.3).',
    });
  });
});
