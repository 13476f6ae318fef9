import { constants, generateKeyPairSync, sign, type KeyObject, type SignKeyObjectInput } from 'node:crypto';
import { inspect } from 'node:util';
import { createTestAuthority } from '@mcp-m2m/testing';
import { jwtVerify, type CryptoKey } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { privateKeyJwt, type SigningAlgorithm } from '../../src/client/index.ts';
import type { ExternalSigner } from '../../src/client-authentication/external-signer.ts';
import { CONTEXT, prove, rejectionOf, requestToken } from './token-request.ts';

const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const p256 = ec('P-256');
const p384 = ec('P-384');
const ed25519 = generateKeyPairSync('ed25519');
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };

/** A KMS: signs bytes with a key that stays with it. */
function createSigner(
  privateKey: KeyObject,
  hash: string | null,
  how: Omit<SignKeyObjectInput, 'key'> = {},
): ExternalSigner {
  return (signingInput) =>
    Promise.resolve(new Uint8Array(sign(hash, signingInput, { key: privateKey, ...how })));
}

const RAW = { dsaEncoding: 'ieee-p1363' } as const;
const p521 = ec('P-521');
const signers: [SigningAlgorithm, string, ExternalSigner, KeyObject][] = [
  ['ES256', 'in DER', createSigner(p256.privateKey, 'sha256'), p256.publicKey],
  ['ES256', 'raw', createSigner(p256.privateKey, 'sha256', RAW), p256.publicKey],
  ['ES384', 'in DER', createSigner(p384.privateKey, 'sha384'), p384.publicKey],
  ['ES384', 'raw', createSigner(p384.privateKey, 'sha384', RAW), p384.publicKey],
  ['ES512', 'in DER', createSigner(p521.privateKey, 'sha512'), p521.publicKey],
  ['ES512', 'raw', createSigner(p521.privateKey, 'sha512', RAW), p521.publicKey],
  ['RS256', 'as it is', createSigner(rsa.privateKey, 'sha256'), rsa.publicKey],
  ['PS384', 'as it is', createSigner(rsa.privateKey, 'sha384', PSS), rsa.publicKey],
  ['EdDSA', 'as it is', createSigner(ed25519.privateKey, null), ed25519.publicKey],
  ['Ed25519', 'as it is', createSigner(ed25519.privateKey, null), ed25519.publicKey],
];

describe('privateKeyJwt with a key that is kept elsewhere', () => {
  it.each(signers)(
    'assembles an assertion by %s that verifies, given %s',
    async (algorithm, _, signer, key) => {
      const authentication = privateKeyJwt({ sign: signer, algorithm, keyId: 'kms-1' });
      expect(authentication).toMatchObject({ method: 'private_key_jwt', algorithm });
      const { assertion, parameters, concealed } = await prove(authentication);
      const { protectedHeader, payload } = await jwtVerify(assertion, key, {
        issuer: CONTEXT.clientId,
        subject: CONTEXT.clientId,
        audience: CONTEXT.issuer,
        typ: 'client-authentication+jwt',
      });
      expect(protectedHeader).toEqual({ alg: algorithm, kid: 'kms-1', typ: 'client-authentication+jwt' });
      expect(payload.exp).toBe((payload.iat ?? 0) + 60);
      expect(parameters.get('client_id')).toBe(CONTEXT.clientId);
      expect(concealed).toEqual([assertion]);
    },
  );

  it('gets a token from a server, with an assertion of its own each time', async () => {
    const authority = await createTestAuthority();
    onTestFinished(() => authority.close());
    const publicKey = p256.publicKey.export({ format: 'jwk' });
    authority.registerClient({ clientId: CONTEXT.clientId, publicKey });
    const authentication = privateKeyJwt({
      sign: createSigner(p256.privateKey, 'sha256'),
      algorithm: 'ES256',
    });
    expect((await requestToken(authority, authentication)).status).toBe(200);
    expect((await requestToken(authority, authentication)).status).toBe(200);
    const foreign = privateKeyJwt({
      sign: createSigner(ec('P-256').privateKey, 'sha256'),
      algorithm: 'ES256',
    });
    expect((await requestToken(authority, foreign)).status).toBe(401);
  });

  it('takes the ArrayBuffer of WebCrypto', async () => {
    const pair = (await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as {
      privateKey: CryptoKey;
      publicKey: CryptoKey;
    };
    const signer: ExternalSigner = (input) => crypto.subtle.sign('Ed25519', pair.privateKey, input);
    const { assertion } = await prove(privateKeyJwt({ sign: signer, algorithm: 'Ed25519' }));
    await expect(jwtVerify(assertion, pair.publicKey)).resolves.toBeDefined();
  });

  it.each<[SigningAlgorithm, string, () => unknown, RegExp]>([
    ['ES256', 'nothing', () => undefined, /must return a Uint8Array with the signature, received none/],
    ['ES256', 'text', () => 'Y2FuYXJ5LXNpZ25hdHVyZQ', /received a string/],
    ['ES256', 'no bytes', () => Buffer.of(), /two positive numbers of 32 bytes.*received 0 bytes/],
    ['ES256', 'a digest', () => Buffer.alloc(32, 7), /cannot be a signature by ES256.*received 32 bytes/],
    ['ES256', 'zeros', () => Buffer.alloc(64), /cannot be a signature by ES256/],
    ['ES256', 'DER of P-384', () => sign('sha256', Buffer.of(1), p384.privateKey), /a key on the curve/],
    ['ES384', 'a raw P-256 signature', () => Buffer.alloc(64, 7), /two positive numbers of 48 bytes/],
    ['ES256', 'an RSA signature', () => Buffer.alloc(256, 7), /received 256 bytes/],
    ['RS256', 'an ECDSA signature', () => sign('sha256', Buffer.of(1), p256.privateKey), /modulus has, 256/],
    ['PS256', 'one by a key of 1024 bits', () => Buffer.alloc(128, 7), /256 at least, received 128 bytes/],
    ['RS256', 'a file', () => Buffer.alloc(100_000, 7), /received 100000 bytes/],
    ['EdDSA', 'an Ed448 signature', () => Buffer.alloc(114, 7), /by EdDSA: expected 64 bytes, received 114/],
  ])('%s: says in words why %s cannot be the signature', async (algorithm, _, answer, message) => {
    const authentication = privateKeyJwt({ sign: answer as ExternalSigner, algorithm });
    const error = await rejectionOf(prove(authentication));
    expect(error).toMatchObject({
      name: 'ClientSecretError',
      message: expect.stringMatching(message) as string,
    });
    expect(inspect(error)).not.toContain('Y2FuYXJ5');
  });

  it('passes on what the signer throws, and has no revision', async () => {
    const sealed = new Error('sealed');
    const authentication = privateKeyJwt({ sign: () => Promise.reject(sealed), algorithm: 'ES256' });
    expect(await rejectionOf(prove(authentication))).toBe(sealed);
    expect(authentication).not.toHaveProperty('revision');
  });

  it.each<[string, object, RegExp]>([
    ['a key beside it', { sign: () => Buffer.of(), key: 'x', algorithm: 'ES256' }, /key and sign exclude/],
    ['what is no function', { sign: 'kms', algorithm: 'ES256' }, /sign must be a function/],
    ['no algorithm', { sign: () => Buffer.of() }, /algorithm must be one of ES256/],
    ['a symmetric one', { sign: () => Buffer.of(), algorithm: 'HS256' }, /algorithm must be one of ES256/],
  ])('is refused at once with %s', (_, options, message) => {
    const attempt = () => privateKeyJwt(options as Parameters<typeof privateKeyJwt>[0]);
    expect(attempt).toThrow(TypeError);
    expect(attempt).toThrow(message);
  });
});
