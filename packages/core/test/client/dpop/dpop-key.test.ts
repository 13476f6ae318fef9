import { calculateJwkThumbprint, decodeProtectedHeader, exportJWK, generateKeyPair, type JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { createDpopKey, type DpopKey } from '../../../src/client/dpop/dpop-key.ts';
import { createDpop, type DpopProverOptions } from '../../../src/client/dpop/dpop-prover.ts';
import type { SigningAlgorithm } from '../../../src/client-authentication/signing-key.ts';

const pair = await generateKeyPair('ES256', { extractable: true });
const other = await generateKeyPair('ES256', { extractable: true });
const jwk = await exportJWK(pair.privateKey);
const publicJwk = await exportJWK(pair.publicKey);
const hidden = await crypto.subtle.importKey('jwk', { ...publicJwk }, pair.publicKey.algorithm, false, [
  'verify',
]);
const URL_HERE = 'https://mcp.example.com/mcp';

const headerOf = async (options: DpopProverOptions) =>
  decodeProtectedHeader(await createDpop(options).createProof({ method: 'POST', url: URL_HERE }));

describe('createDpopKey', () => {
  it('generates an ES256 key that cannot leave the process', async () => {
    const { privateKey, publicKey } = await createDpopKey();
    expect(privateKey).toMatchObject({
      extractable: false,
      usages: ['sign'],
      algorithm: { namedCurve: 'P-256' },
    });
    expect(publicKey.extractable).toBe(true);
  });

  it('generates one to be stored where that is asked for, and it comes back as the same key', async () => {
    const { privateKey, publicKey } = await createDpopKey({ algorithm: 'EdDSA', extractable: true });
    const stored = JSON.parse(JSON.stringify(await exportJWK(privateKey))) as JWK;
    const prover = createDpop({ key: stored });
    expect(prover.algorithm).toBe('EdDSA');
    expect(await prover.thumbprint()).toBe(await calculateJwkThumbprint(await exportJWK(publicKey)));
  });

  it.each([
    [{ algorithm: 'HS256' }, /^algorithm must be one of ES256, .*; proofs are signed with a private key\.$/],
    [{ algorithm: 'constructor' }, /^algorithm must be one of/],
    [{ extractable: 'yes' }, /^extractable must be true or false\.$/],
    [{ extractible: true }, /unknown option "extractible", did you mean "extractable"\?/],
  ])('refuses %j', async (options, message) => {
    await expect(createDpopKey(options as never)).rejects.toThrow(message);
    await expect(createDpopKey(options as never)).rejects.toBeInstanceOf(TypeError);
  });
});

describe('the key of a prover', () => {
  it.each<[SigningAlgorithm, SigningAlgorithm]>([
    ['ES256', 'ES256'],
    ['ES384', 'ES384'],
    ['ES512', 'ES512'],
    ['EdDSA', 'EdDSA'],
    ['RS256', 'RS256'],
    ['RS512', 'RS512'],
    ['PS384', 'PS384'],
  ])('says how it signs, if it was generated for %s', async (generated, expected) => {
    const key = await createDpopKey({ algorithm: generated });
    expect(createDpop({ key }).algorithm).toBe(expected);
  });

  it('says so as a JWK too, by its alg or its curve', async () => {
    expect(createDpop({ key: jwk }).algorithm).toBe('ES256');
    const ed = await exportJWK((await generateKeyPair('EdDSA', { extractable: true })).privateKey);
    expect(createDpop({ key: { ...ed, alg: 'Ed25519' } }).algorithm).toBe('Ed25519');
    expect(createDpop({ key: ed }).algorithm).toBe('EdDSA');
    const rsa = await exportJWK((await generateKeyPair('PS256', { extractable: true })).privateKey);
    expect(createDpop({ key: rsa, algorithm: 'PS256' }).algorithm).toBe('PS256');
    expect(() => createDpop({ key: rsa })).toThrow(
      /^algorithm is needed: the key does not say how it signs\.$/,
    );
  });

  it('S4: shows nothing in a proof but what makes up the public key', async () => {
    const { x, y } = jwk;
    const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty: 'EC', crv: 'P-256', x, y } };
    const dressed = {
      ...jwk,
      kid: 'k',
      use: 'enc',
      key_ops: ['deriveBits'],
      ext: false,
      private_note: 'note',
    };
    expect(await headerOf({ key: dressed })).toEqual(header);
    expect(await headerOf({ key: pair })).toEqual(header);
    const rsa = await exportJWK((await generateKeyPair('RS256', { extractable: true })).privateKey);
    expect((await headerOf({ key: rsa, algorithm: 'RS256' })).jwk).toEqual({
      kty: 'RSA',
      n: rsa.n,
      e: rsa.e,
    });
  });

  it('is one: two provers without a key have different ones, and each keeps its own', async () => {
    const [first, second] = [createDpop(), createDpop()];
    expect(await first.thumbprint()).not.toBe(await second.thumbprint());
    const { jwk: shown } = decodeProtectedHeader(await first.createProof({ method: 'GET', url: URL_HERE }));
    expect(await calculateJwkThumbprint(shown ?? {})).toBe(await first.thumbprint());
  });

  const weak = async () => {
    const algorithm = {
      name: 'RSASSA-PKCS1-v1_5',
      hash: 'SHA-256',
      modulusLength: 1024,
      publicExponent: new Uint8Array([1, 0, 1]),
    };
    return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  };

  it.each<[string, () => unknown, RegExp]>([
    ['a text', () => 'key', /^key must be a key pair \{ privateKey, publicKey \} or a private JWK\.$/],
    ['null', () => null, /^key must be a key pair/],
    ['an empty object', () => ({}), /^key must be a key pair/],
    ['a lone CryptoKey', () => pair.privateKey, /^key must be a key pair/],
    [
      'half a pair',
      () => ({ privateKey: pair.privateKey }),
      /^key must have the CryptoKeys privateKey and publicKey\.$/,
    ],
    [
      'halves swapped',
      () => ({ privateKey: pair.publicKey, publicKey: pair.privateKey }),
      /^key must be a private CryptoKey/,
    ],
    [
      'two private halves',
      () => ({ ...pair, publicKey: pair.privateKey }),
      /^key\.publicKey must be an extractable public/,
    ],
    [
      'a hidden public half',
      () => ({ ...pair, publicKey: hidden }),
      /^key\.publicKey must be an extractable public/,
    ],
    ['a public JWK', () => ({ ...jwk, d: undefined }), /without its private part "d"/],
    ['a JWK without its public part', () => ({ ...jwk, y: undefined }), /without its public part "y"/],
    [
      'D12: a symmetric JWK',
      () => ({ kty: 'oct', k: 'c2VjcmV0', d: 'x', alg: 'ES256' }),
      /^key does not fit algorithm ES256/,
    ],
    ['D9: a JWK for HS256', () => ({ kty: 'oct', k: 'c2VjcmV0', alg: 'HS256' }), /^algorithm is needed/],
    ['a weak pair', weak, /^key is an RSA key of 1024 bits; at least 2048 are needed\.$/],
    [
      'a weak JWK',
      async () => ({ ...(await exportJWK((await weak()).privateKey)), alg: 'RS256' }),
      /^key is an RSA key of 1024 bits/,
    ],
  ])('refuses %s at construction, and shows nothing of it', async (_, make, message) => {
    const key = (await make()) as DpopKey;
    const error = catchError(() => createDpop({ key }));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(message);
    expect(`${error.message} ${error.stack}`).not.toContain(jwk.d);
  });

  it('D9: refuses an algorithm that does not sign with a private key, or that the key is not for', () => {
    for (const algorithm of ['none', 'HS256', '', 1, null]) {
      expect(() => createDpop({ algorithm: algorithm as never })).toThrow(/^algorithm must be one of ES256/);
    }
    expect(() => createDpop({ key: pair, algorithm: 'ES384' })).toThrow(/^key does not fit algorithm ES384/);
  });

  it.each<[string, () => Promise<DpopKey>]>([
    ['a pair', async () => ({ privateKey: pair.privateKey, publicKey: other.publicKey })],
    ['a JWK', async () => ({ ...(await exportJWK(other.publicKey)), d: jwk.d as string })],
  ])('D10: refuses %s of two different keys before a server does', async (_, make) => {
    const prover = createDpop({ key: await make() });
    const failure = prover.createProof({ method: 'POST', url: URL_HERE });
    await expect(failure).rejects.toThrow(Error);
    await expect(failure).rejects.not.toThrow(jwk.d);
    await expect(prover.thumbprint()).rejects.toThrow(Error);
  });
});

function catchError(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('Nothing was thrown.');
}
