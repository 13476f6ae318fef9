import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, decodeJwt, decodeProtectedHeader, EmbeddedJWK, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { createDpopProof, createSigningKey, generateDpopKey } from '../src/index.ts';

const target = { method: 'POST', url: 'https://mcp.example.com/mcp?session=1#top' };

test.each(['ES256', 'RS256', 'EdDSA'] as const)(
  'an %s proof verifies with the key it carries',
  async (algorithm) => {
    const key = await generateDpopKey(algorithm);
    const proof = createDpopProof({ key, ...target, accessToken: 'token', nonce: 'n1' });
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, { typ: 'dpop+jwt' });
    expect(payload).toMatchObject({ htm: 'POST', htu: 'https://mcp.example.com/mcp', nonce: 'n1' });
    expect(payload['ath']).toBe(createHash('sha256').update('token').digest('base64url'));
    expect(protectedHeader.alg).toBe(algorithm);
    expect(await calculateJwkThumbprint(protectedHeader.jwk ?? {})).toBe(key.thumbprint);
    expect(protectedHeader.jwk).not.toHaveProperty('d');
  },
);

test('each proof has its own jti, and neither ath nor nonce unless asked for', async () => {
  const key = await generateDpopKey();
  const [first, second] = [1, 2].map(() => decodeJwt(createDpopProof({ key, ...target, now: () => 5_500 })));
  expect(first?.jti).not.toBe(second?.jti);
  expect(first?.iat).toBe(5);
  expect(first).not.toHaveProperty('ath');
  expect(first).not.toHaveProperty('nonce');
});

test('D4, D8, D18: claims and header can be made hostile', async () => {
  const key = await generateDpopKey();
  const proof = createDpopProof({
    key,
    ...target,
    claims: { jti: undefined, iat: '5' },
    header: { typ: 'JWT' },
  });
  expect(decodeJwt(proof)).not.toHaveProperty('jti');
  expect(decodeJwt(proof).iat).toBe('5');
  expect(decodeProtectedHeader(proof).typ).toBe('JWT');
  await expect(jwtVerify(proof, key.publicKey)).rejects.toThrow('"iat"');
});

test('D9, D10: a proof can be signed by another key, or by none', async () => {
  const key = await generateDpopKey();
  const forged = createDpopProof({ key, ...target, signWith: await createSigningKey() });
  await expect(jwtVerify(forged, EmbeddedJWK)).rejects.toThrow('signature verification failed');
  expect(createDpopProof({ key, ...target, algorithm: 'none' })).toMatch(/\.$/);
});
