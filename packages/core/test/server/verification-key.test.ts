import { generateKeyPairSync } from 'node:crypto';
import { createSigningKey } from '@mcp-m2m/testing';
import { exportJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { SIGNATURE_ALGORITHMS } from '../../src/server/signature-algorithms.ts';
import { importVerificationKey } from '../../src/server/verification-key.ts';

const importKey = (entry: unknown) => importVerificationKey(entry, SIGNATURE_ALGORITHMS);
const rsa = (modulusLength: number, publicExponent = 65_537) =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent }).publicKey.export({ format: 'jwk' });

describe('importVerificationKey', () => {
  it.each(['ES256', 'ES384', 'ES512', 'RS256', 'PS256', 'EdDSA'] as const)(
    'imports a public %s key',
    async (algorithm) => {
      const { publicJwk, keyId } = await createSigningKey(algorithm);
      const key = await importKey(publicJwk);
      expect(key?.keyId).toBe(keyId);
      expect(key?.algorithms).toContain(algorithm);
      expect(key?.cryptoKey.type).toBe('public');
    },
  );

  it.each(['ES256', 'RS256', 'EdDSA'] as const)(
    'passes over a %s key whose private half is published beside it',
    async (algorithm) => {
      const { privateKey, publicJwk } = await createSigningKey(algorithm);
      expect(await importKey(await exportJWK(privateKey))).toBeUndefined();
      expect(await importKey({ ...publicJwk, d: '' })).toBeUndefined();
    },
  );

  it('gives equal material for the same key in another dress', async () => {
    const { publicJwk } = await createSigningKey('ES256');
    const { kid: _, ...bare } = publicJwk;
    const [first, second] = await Promise.all([importKey(publicJwk), importKey({ x5t: 'x', ...bare })]);
    expect(second?.material).toBe(first?.material);
  });

  it.each([
    ['use enc', { use: 'enc' }],
    ['use that is no text', { use: ['sig'] }],
    ['key_ops without verify', { key_ops: ['encrypt'] }],
    ['key_ops that are no array', { key_ops: 'verify' }],
    ['key_ops with a duplicate', { key_ops: ['verify', 'verify'] }],
    ['a kid that is no text', { kid: 7 }],
    ['an alg of another curve', { alg: 'ES384' }],
    ['a point off the curve', { x: 'A'.repeat(43) }],
    ['a coordinate that is missing', { y: undefined }],
    ['a coordinate that is no base64url', { x: '§' }],
    ['a coordinate that is too short', { x: 'A'.repeat(42) }],
    ['a coordinate that is too long', { y: 'A'.repeat(44) }],
    ['another key type', { kty: 'OKP' }],
  ])('passes over a key with %s', async (_, change) => {
    const { publicJwk } = await createSigningKey('ES256');
    expect(await importKey({ ...publicJwk, ...change })).toBeUndefined();
  });

  it.each([
    undefined,
    null,
    7,
    'key',
    [],
    {},
    { kty: 'oct', k: 'AAAA' },
    { kty: 'RSA', n: '', e: '' },
    { kty: '__proto__' },
  ])('passes over %j', async (entry) => {
    expect(await importKey(entry)).toBeUndefined();
  });

  it('passes over weak RSA keys, and keys so large that they stall', async () => {
    const strong = rsa(2048);
    expect(await importKey(strong)).toBeDefined();
    expect(await importKey(rsa(1024))).toBeUndefined();
    expect(await importKey(rsa(2040))).toBeUndefined();
    // 256 bytes, the first of them zero: 2040 bits in the dress of 2048.
    const padded = Buffer.concat([Buffer.alloc(1), Buffer.from(rsa(2040).n ?? '', 'base64url')]).toString(
      'base64url',
    );
    expect(await importKey({ ...strong, n: padded })).toBeUndefined();
    expect(await importKey({ ...strong, n: Buffer.alloc(1026, 0xff).toString('base64url') })).toBeUndefined();
    expect(await importKey({ ...strong, n: Buffer.alloc(256, 0xfe).toString('base64url') })).toBeUndefined();
  });

  it.each(['AQ', 'Ag', 'AA', 'AQAA', Buffer.alloc(9, 1).toString('base64url')])(
    'passes over the RSA exponent %s',
    async (e) => {
      expect(await importKey({ ...rsa(2048), e })).toBeUndefined();
    },
  );

  it('passes over what the allow-list does not name', async () => {
    const { publicJwk } = await createSigningKey('ES256');
    expect(await importVerificationKey(publicJwk, ['RS256'])).toBeUndefined();
  });
});
