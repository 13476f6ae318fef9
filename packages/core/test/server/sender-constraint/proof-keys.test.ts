import { generateDpopKey } from '@mcp-m2m/testing';
import { describe, expect, it } from 'vitest';
import { createProofKeys, type ProofKey } from '../../../src/server/sender-constraint/proof-keys.ts';

type Keys = ReturnType<typeof createProofKeys>;

/** The key that is found for certain. */
async function find(keys: Keys, ...parameters: Parameters<Keys['find']>): Promise<ProofKey> {
  const key = await keys.find(...parameters);
  if (key === undefined) throw new Error('no key');
  return key;
}

describe('createProofKeys', () => {
  it('computes the thumbprint of the public members alone', async () => {
    const { publicJwk, thumbprint } = await generateDpopKey();
    const dressed = { ...publicJwk, use: 'enc', alg: 'RS256', kid: 'k', key_ops: ['sign'], extra: [1] };
    expect((await createProofKeys().find(publicJwk, 'ES256'))?.thumbprint).toBe(thumbprint);
    expect((await createProofKeys().find(dressed, 'ES256'))?.thumbprint).toBe(thumbprint);
  });

  it('imports a key once after its proof was good, whatever else the JWK says', async () => {
    const { publicJwk } = await generateDpopKey();
    const keys = createProofKeys();
    const first = await find(keys, publicJwk, 'ES256');
    expect(await keys.find(publicJwk, 'ES256')).not.toBe(first);
    keys.remember(first);
    expect(await keys.find(publicJwk, 'ES256')).toBe(first);
    expect(await keys.find({ ...publicJwk, junk: 'x'.repeat(1000) }, 'ES256')).toBe(first);
  });

  it('keeps one RSA key apart for each algorithm', async () => {
    const { publicJwk } = await generateDpopKey('RS256');
    const keys = createProofKeys();
    const [pkcs, pss] = [await find(keys, publicJwk, 'RS256'), await find(keys, publicJwk, 'PS256')];
    for (const key of [pkcs, pss]) keys.remember(key);
    expect((await keys.find(publicJwk, 'RS256'))?.cryptoKey.algorithm.name).toBe('RSASSA-PKCS1-v1_5');
    expect((await keys.find(publicJwk, 'PS256'))?.cryptoKey.algorithm.name).toBe('RSA-PSS');
    expect(pkcs.thumbprint).toBe(pss.thumbprint);
  });

  it('finds no known key behind a private member, or by another algorithm', async () => {
    const { publicJwk } = await generateDpopKey();
    const keys = createProofKeys();
    keys.remember(await find(keys, publicJwk, 'ES256'));
    expect(await keys.find({ ...publicJwk, d: 'x' }, 'ES256')).toBeUndefined();
    expect(await keys.find(publicJwk, 'ES384')).toBeUndefined();
    expect(await keys.find(publicJwk, 'RS256')).toBeUndefined();
  });

  it.each([
    undefined,
    null,
    'jwk',
    7,
    [],
    {},
    { kty: 'oct', k: 'AA' },
    { kty: ['EC'] },
    { kty: 'AKP', pub: 'AA' },
  ])('finds no key in %j', async (jwk) => {
    expect(await createProofKeys().find(jwk, 'ES256')).toBeUndefined();
  });

  it('keeps no more than its bound, the used ones last', async () => {
    const { publicJwk } = await generateDpopKey();
    const keys = createProofKeys();
    const known = await find(keys, publicJwk, 'ES256');
    keys.remember(known);
    for (let index = 0; index < 10_000; index++) keys.remember({ ...known, material: `other ${index}` });
    expect(await keys.find(publicJwk, 'ES256')).not.toBe(known);
    keys.remember(known);
    for (let index = 0; index < 4_000; index++) keys.remember({ ...known, material: `another ${index}` });
    expect(await keys.find(publicJwk, 'ES256')).toBe(known);
  });
});
