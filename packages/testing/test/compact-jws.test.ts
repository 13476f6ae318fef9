import { createHmac } from 'node:crypto';
import { compactVerify, exportSPKI } from 'jose';
import { expect, test } from 'vitest';
import { createTestAuthority } from '../src/index.ts';

const decode = (part: string | undefined) => Buffer.from(part ?? '', 'base64url');

test('J24: duplicate members are signed as they were written', async () => {
  await using authority = await createTestAuthority();
  const payload = '{"aud":"https://evil.example","aud":"https://good.example"}';
  const token = authority.mintRaw({ header: { alg: 'ES256' }, payload });
  const verified = await compactVerify(token, authority.signingKey.publicKey);
  expect(Buffer.from(verified.payload).toString()).toBe(payload);
});

test('J43: bytes that are not UTF-8 are signed as they are', async () => {
  await using authority = await createTestAuthority();
  const payload = Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d);
  const token = authority.mintRaw({ header: '{"alg":"ES256"}', payload });
  const verified = await compactVerify(token, authority.signingKey.publicKey);
  expect([...verified.payload]).toEqual([...payload]);
});

test('J1: algorithm none leaves the signature empty', async () => {
  await using authority = await createTestAuthority({ audience: 'https://mcp.example.com' });
  const token = authority.mint({}, { algorithm: 'none' });
  const [header, , signature] = token.split('.');
  expect(JSON.parse(decode(header).toString())).toMatchObject({ alg: 'none' });
  expect(signature).toBe('');
});

test('J2: a header that names another algorithm does not change how the token is signed', async () => {
  await using authority = await createTestAuthority({ audience: 'https://mcp.example.com' });
  const [header, payload, signature] = authority.mint({}, { header: { alg: 'NoNe' } }).split('.');
  expect(JSON.parse(decode(header).toString())).toMatchObject({ alg: 'NoNe' });
  expect(payload).not.toBe('');
  expect(decode(signature)).toHaveLength(64);
});

test("J5: the public key's PEM serves as an HMAC secret", async () => {
  await using authority = await createTestAuthority({
    algorithm: 'RS256',
    audience: 'https://mcp.example.com',
  });
  const secret = Buffer.from(await exportSPKI(authority.signingKey.publicKey));
  const token = authority.mint({}, { algorithm: 'HS256', key: secret });
  const [header, payload, signature] = token.split('.');
  expect(signature).toBe(createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url'));
});

test('a signing input of any form is signed alone', async () => {
  await using authority = await createTestAuthority();
  const header = Buffer.from('{"alg":"ES256"}').toString('base64url');
  const token = `${header}.bm90IGpzb24.${authority.sign(`${header}.bm90IGpzb24`)}`;
  const verified = await compactVerify(token, authority.signingKey.publicKey);
  expect(Buffer.from(verified.payload).toString()).toBe('not json');
});

test('a key that does not fit the algorithm is refused before anything is signed', async () => {
  await using authority = await createTestAuthority();
  const parts = { header: {}, payload: {} };
  const key = authority.signingKey;
  expect(() => authority.mintRaw(parts, { key, algorithm: 'RS256' })).toThrow('key must be of type rsa');
  expect(() => authority.mintRaw(parts, { key, algorithm: 'HS256' })).toThrow("must be the secret's bytes");
  expect(() => authority.mintRaw(parts, { key: key.privateKey })).toThrow('algorithm is required');
});
