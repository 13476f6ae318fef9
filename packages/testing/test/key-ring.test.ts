import { createRemoteJWKSet, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { createTestAuthority, type TestAuthority } from '../src/index.ts';

const options = { audience: 'https://mcp.example.com/mcp' };
const verify = (authority: TestAuthority, token: string) =>
  jwtVerify(token, createRemoteJWKSet(new URL(authority.jwksUri)), { issuer: authority.issuer });

test('a graceful rotation keeps the old key published', async () => {
  await using authority = await createTestAuthority(options);
  const before = authority.mint();
  const oldKey = authority.signingKey;
  const newKey = await authority.rotate();
  expect(authority.signingKey).toBe(newKey);
  expect((await verify(authority, before)).protectedHeader.kid).toBe(oldKey.keyId);
  expect((await verify(authority, authority.mint())).protectedHeader.kid).toBe(newKey.keyId);
});

test('a hard rotation withdraws the old key, which can still sign', async () => {
  await using authority = await createTestAuthority(options);
  const before = authority.mint();
  const oldKey = authority.signingKey;
  await authority.rotateHard();
  await expect(verify(authority, before)).rejects.toThrow('no applicable key');
  await expect(verify(authority, authority.mint({}, { key: oldKey }))).rejects.toThrow('no applicable key');
  await expect(verify(authority, authority.mint())).resolves.toBeDefined();
});

test('any document can be published instead of the key set, until the next rotation', async () => {
  await using authority = await createTestAuthority(options);
  const read = async () => (await fetch(authority.jwksUri)).json();
  authority.publishKeys({ keys: 'nonsense' });
  expect(await read()).toEqual({ keys: 'nonsense' });
  authority.publishKeys(undefined);
  expect(await read()).toEqual({ keys: [authority.signingKey.publicJwk] });
  authority.publishKeys({ keys: [] });
  const key = await authority.rotateHard();
  expect(await read()).toEqual({ keys: [key.publicJwk] });
});

test('the key set shows no private member', async () => {
  await using authority = await createTestAuthority({ ...options, algorithm: 'RS256' });
  await authority.addKey('EdDSA');
  const { keys } = (await (await fetch(authority.jwksUri)).json()) as { keys: Record<string, unknown>[] };
  expect(keys).toHaveLength(2);
  for (const key of keys) {
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(secret);
  }
});
