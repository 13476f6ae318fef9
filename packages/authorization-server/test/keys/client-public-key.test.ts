import { generateKeyPairSync, type KeyObject } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { parseClientPublicKey } from '../../src/keys/client-public-key.ts';

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = (key: KeyObject) => key.export({ format: 'jwk' }) as Record<string, unknown>;

describe('the public key of a client', () => {
  it('keeps the given key id, and the algorithm of an RSA key', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const parsed = await parseClientPublicKey({
      ...jwk(rsa.publicKey),
      kid: 'mine',
      alg: 'PS256',
      x5c: ['x'],
    });
    expect(parsed).toEqual({ ...jwk(rsa.publicKey), kid: 'mine', alg: 'PS256', use: 'sig' });
  });

  it.each([
    ['a private JWK', () => jwk(ec.privateKey), 'holds a private'],
    ['a private PEM', () => ec.privateKey.export({ format: 'pem', type: 'pkcs8' }), 'holds a private'],
    ['an old private PEM', () => ec.privateKey.export({ format: 'pem', type: 'sec1' }), 'holds a private'],
    ['a symmetric JWK', () => ({ kty: 'oct', k: 'AAAA' }), 'symmetric'],
    ['nothing', () => undefined, 'must be a public key'],
    ['no key', () => ({ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }), 'not a usable JWK'],
    ['no PEM', () => 'ssh-ed25519 AAAA', 'PEM text'],
    ['an empty PEM', () => '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', 'not a usable PEM'],
    ['a short RSA key', () => jwk(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey), '2048'],
    [
      'an RSA key of exponent 3',
      () => jwk(generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).publicKey),
      '65537',
    ],
    [
      'a curve that signs nothing here',
      () => jwk(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey),
      'secp256k1',
    ],
    ['a key agreement key', () => jwk(generateKeyPairSync('x25519').publicKey), 'x25519'],
    ['an encryption key', () => ({ ...jwk(ec.publicKey), use: 'enc' }), 'use must be'],
    [
      'a key that may not verify',
      () => ({ ...jwk(ec.publicKey), key_ops: ['sign'] }),
      'key_ops must include',
    ],
    ['another algorithm', () => ({ ...jwk(ec.publicKey), alg: 'RS256' }), 'alg must be one of ES256'],
    ['a key id that is no text', () => ({ ...jwk(ec.publicKey), kid: 5 }), 'kid must be'],
  ])('is refused when it is %s, without being shown', async (_name, value, message) => {
    const parsing = parseClientPublicKey(value());
    await expect(parsing).rejects.toThrow(TypeError);
    await expect(parsing).rejects.toThrow(message);
    await expect(parsing).rejects.not.toThrow(String(jwk(ec.privateKey)['d']));
  });
});
