import { inspect } from 'node:util';
import {
  calculateJwkThumbprint,
  decodeProtectedHeader,
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  jwtVerify,
  type JWK,
} from 'jose';
import { describe, expect, it } from 'vitest';
import { privateKeyJwt, type PrivateKey } from '../../src/client/index.ts';
import { createCurrentKey } from '../../src/client-authentication/current-key.ts';
import { prove, rejectionOf } from './token-request.ts';

const first = await generateKeyPair('ES256', { extractable: true });
const second = await generateKeyPair('ES256', { extractable: true });
const jwkOf = async ({ privateKey }: typeof first, kid: string): Promise<JWK> => ({
  ...(await exportJWK(privateKey)),
  kid,
});

const pairs: [string, PrivateKey, PrivateKey][] = [
  ['PEM', await exportPKCS8(first.privateKey), await exportPKCS8(second.privateKey)],
  ['a JWK', await jwkOf(first, 'one'), await jwkOf(second, 'two')],
  ['a CryptoKey', first.privateKey, second.privateKey],
];

describe('a private key that a function reads', () => {
  it.each(pairs)(
    'is read anew at every token request, so that a rotated one needs no restart: %s',
    async (_, one, two) => {
      let key: PrivateKey = one;
      const authentication = privateKeyJwt({ key: () => Promise.resolve(key), algorithm: 'ES256' });
      await expect(
        jwtVerify((await prove(authentication)).assertion, first.publicKey),
      ).resolves.toBeDefined();
      key = two;
      await expect(
        jwtVerify((await prove(authentication)).assertion, second.publicKey),
      ).resolves.toBeDefined();
      key = one;
      await expect(
        jwtVerify((await prove(authentication)).assertion, first.publicKey),
      ).resolves.toBeDefined();
    },
  );

  it('has the kid of the JWK that was read, unless the option names another', async () => {
    let kid = 'one';
    const key = () => jwkOf(first, kid);
    const kidOf = async (keyId?: string) =>
      decodeProtectedHeader((await prove(privateKeyJwt({ key, algorithm: 'ES256', keyId }))).assertion).kid;
    expect(await kidOf()).toBe('one');
    kid = 'two';
    expect(await kidOf()).toBe('two');
    expect(await kidOf('given')).toBe('given');
  });

  it('is imported once for each value', async () => {
    let jwk = await jwkOf(first, 'one');
    const current = createCurrentKey(() => ({ ...jwk }), 'ES256');
    const key = await current.read();
    expect(await current.read()).toBe(key);
    expect(await (await current.read()).load()).toBe(await key.load());
    jwk = await jwkOf(second, 'one');
    expect(await current.read()).not.toBe(key);
  });

  it('may have changed inside one and the same object', async () => {
    const jwk = await jwkOf(first, 'one');
    const authentication = privateKeyJwt({ key: () => jwk, algorithm: 'ES256' });
    await prove(authentication);
    Object.assign(jwk, await jwkOf(second, 'two'));
    const { protectedHeader } = await jwtVerify((await prove(authentication)).assertion, second.publicKey);
    expect(protectedHeader.kid).toBe('two');
  });

  it.each<[string, () => unknown, RegExp]>([
    ['nothing', () => undefined, /received none/],
    ['null', () => null, /received null/],
    ['a number', () => 7, /received a number/],
    ['an empty string', () => '', /must be PKCS #8 in PEM/],
    ['a public key', () => first.publicKey, /private CryptoKey with the usage "sign"/],
    ['a JWK of another kind', () => ({ kty: 'RSA', d: 'Q0FOQVJZ' }), /kty EC and crv P-256/],
    ['a certificate', () => '-----BEGIN CERTIFICATE-----\nQ0FOQVJZ', /the private key is needed/],
    ['half a key', () => '-----BEGIN PRIVATE KEY-----\nQ0FOQVJZ', /PEM cut short/],
  ])('S4: is reported in words, without showing it, when it is %s', async (_, key, message) => {
    const authentication = privateKeyJwt({ key: key as () => PrivateKey, algorithm: 'ES256' });
    const error = await rejectionOf(prove(authentication));
    expect(error).toMatchObject({ name: 'ClientSecretError' });
    expect(String(error)).toMatch(/the function given as key: key[ ,]/);
    expect(String(error)).toMatch(message);
    expect(inspect(error, { showHidden: true })).not.toContain('Q0FOQVJZ');
  });

  it('may fail to be read: what was thrown is passed on, and the next request reads again', async () => {
    const sealed = new TypeError('the vault is sealed');
    let fails = true;
    const key = () => (fails ? Promise.reject(sealed) : Promise.resolve(first.privateKey));
    const authentication = privateKeyJwt({ key, algorithm: 'ES256' });
    expect(await rejectionOf(prove(authentication))).toBe(sealed);
    fails = false;
    await jwtVerify((await prove(authentication)).assertion, first.publicKey);
  });

  it('is judged at once as to its algorithm', () => {
    expect(() => privateKeyJwt({ key: () => 'x', algorithm: 'HS256' as 'ES256' })).toThrow(
      /algorithm must be one of ES256/,
    );
  });
});

describe('the revision of a private key', () => {
  const revisionOf = (key: PrivateKey | (() => PrivateKey | Promise<PrivateKey>)) =>
    privateKeyJwt({ key, algorithm: 'ES256' }).revision?.();

  it('stays while a function gives the same, and changes with the key', async () => {
    const pem = await exportPKCS8(first.privateKey);
    const jwk = await jwkOf(first, 'one');
    const revisions = [
      await revisionOf(() => pem),
      await revisionOf(() => jwk),
      await revisionOf(() => first.privateKey),
      await revisionOf(() => second.privateKey),
    ];
    expect(new Set(revisions).size).toBe(4);
    expect(await revisionOf(() => Promise.resolve(pem))).toBe(revisions[0]);
    expect(await revisionOf(() => ({ ...jwk }))).toBe(revisions[1]);
    expect(await revisionOf(() => first.privateKey)).toBe(revisions[2]);
    expect(revisions).not.toContain(undefined);
    expect(revisions.join()).not.toContain(await calculateJwkThumbprint(jwk));
  });

  it('is none for a key that cannot change, or cannot be read', async () => {
    expect(privateKeyJwt({ key: first.privateKey, algorithm: 'ES256' })).not.toHaveProperty('revision');
    expect(await revisionOf(() => Promise.reject(new Error('sealed')))).toBeUndefined();
  });
});
