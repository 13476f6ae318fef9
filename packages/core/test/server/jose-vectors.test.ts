import { createHmac, generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '../../src/server/signature-algorithms.ts';
import {
  encode,
  generate,
  input,
  join,
  jwkOf,
  NO_KEY,
  signAs,
  verify,
  type KeyPair,
} from './generated-jws.ts';

// The classes of cases that the public JOSE test vectors consist of, generated here with keys of our own.

const pairs = new Map<SignatureAlgorithm, KeyPair>();
const pairOf = (algorithm: SignatureAlgorithm): KeyPair => pairs.get(algorithm) as KeyPair;
let rsa: KeyPair;
let ec: KeyPair;
let ed: KeyPair;

beforeAll(() => {
  rsa = generate('RS256');
  for (const algorithm of SIGNATURE_ALGORITHMS)
    pairs.set(algorithm, /^[RP]S/.test(algorithm) ? rsa : generate(algorithm));
  ec = pairOf('ES256');
  ed = pairOf('EdDSA');
});

describe.each(SIGNATURE_ALGORITHMS)('%s', (algorithm) => {
  it('verifies what the key signed and nothing that was modified', async () => {
    const pair = pairOf(algorithm);
    const jwk = jwkOf(pair, { alg: algorithm });
    const signed = input({ alg: algorithm });
    const signature = signAs(algorithm, pair.privateKey, signed);
    expect(await verify(join(signed, signature), jwk)).toBe('valid');
    expect(await verify(join(input({ alg: algorithm, x: 1 }), signature), jwk)).toBe('invalid');
    expect(await verify(join(input({ alg: algorithm }, { iss: 'j' }), signature), jwk)).toBe('invalid');
    for (const at of [0, signature.length >> 1, signature.length - 1]) {
      const flipped = Buffer.from(signature);
      flipped[at] = (flipped[at] ?? 0) ^ 0x10;
      expect(await verify(join(signed, flipped), jwk)).toBe('invalid');
    }
    for (const other of [
      signature.subarray(1),
      signature.subarray(0, -1),
      Buffer.alloc(signature.length),
      Buffer.from('A'),
    ])
      expect(await verify(join(signed, other), jwk)).toBe('invalid');
    expect(await verify(join(signed, Buffer.concat([signature, Buffer.alloc(1)])), jwk)).toBe('invalid');
    expect(await verify(join(signed, Buffer.concat([Buffer.alloc(1), signature])), jwk)).toBe('invalid');
    expect(await verify(`${signed}.`, jwk)).toBe('token_malformed');
    expect(await verify(join(signed, signature), jwkOf(generate(algorithm), { alg: algorithm }))).toBe(
      'invalid',
    );
  });

  it('is not used with a key that says another algorithm, or that is of another kind', async () => {
    const signed = input({ alg: algorithm });
    const token = join(signed, signAs(algorithm, pairOf(algorithm).privateKey, signed));
    const alike = (other: string): boolean =>
      other === algorithm || (other.startsWith('Ed') && algorithm.startsWith('Ed'));
    for (const other of SIGNATURE_ALGORITHMS.filter((one) => !alike(one))) {
      expect(
        await verify(token, jwkOf(pairOf(algorithm), { alg: other }), jwkOf(pairOf(other), { alg: other })),
      ).toBe('key_unknown');
    }
  });
});

describe('an algorithm that is none of ours', () => {
  it.each(['none', 'None', 'NONE', 'HS256', 'HS512', 'ES256K', 'Ed448', 'rs256', 'RSA-OAEP', 'toString', ''])(
    'has no key: %j',
    async (alg) => {
      const signed = input({ alg });
      for (const signature of [
        signAs('ES256', ec.privateKey, signed),
        createHmac('sha256', ec.publicKey.export({ format: 'pem', type: 'spki' }))
          .update(signed)
          .digest(),
      ])
        expect(await verify(join(signed, signature), jwkOf(ec, { alg }), jwkOf(ec))).toBe('key_unknown');
    },
  );

  it('is not let in by its curve', async () => {
    const koblitz = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
    const signed = input({ alg: 'ES256' });
    const token = join(signed, signAs('ES256', koblitz.privateKey, signed));
    expect(await verify(token, jwkOf(koblitz))).toBe(NO_KEY);
    expect(await verify(token, jwkOf(koblitz, { crv: 'P-256' }))).toBe(NO_KEY);
    expect(
      await verify(token, jwkOf(generateKeyPairSync('ed448')), jwkOf(generateKeyPairSync('x25519'))),
    ).toBe(NO_KEY);
    expect(await verify(token, jwkOf(ec, { crv: 'p-256' }), jwkOf(ed, { crv: 'ed25519' }))).toBe(NO_KEY);
  });
});

describe('a key', () => {
  const tokenOf = (): string => {
    const signed = input({ alg: 'ES256' });
    return join(signed, signAs('ES256', ec.privateKey, signed));
  };

  it.each([
    [{ use: 'sig' }, 'valid'],
    [{ use: 'sig', key_ops: ['verify'], alg: 'ES256' }, 'valid'],
    [{ use: 'enc' }, NO_KEY],
    [{ use: 'SIG' }, NO_KEY],
    [{ key_ops: ['sign'] }, NO_KEY],
    [{ key_ops: [] }, NO_KEY],
    [{ key_ops: ['verify', 'verify'] }, NO_KEY],
    [{ use: 'enc', key_ops: ['verify'] }, NO_KEY],
    [{ use: 'sig', key_ops: ['encrypt'] }, NO_KEY],
    [{ alg: 'ES384' }, NO_KEY],
    [{ alg: 'ES521' }, NO_KEY],
    [{ alg: 'ECDH-ES' }, NO_KEY],
    [{ crv: 'P-384' }, NO_KEY],
    [{ kty: 'RSA' }, NO_KEY],
  ])('that says %j is %s', async (members, expected) => {
    expect(await verify(tokenOf(), jwkOf(ec, members))).toBe(expected);
  });

  it('that is private or symmetric is passed over, and spoils none of the others', async () => {
    const leaked = { ...ec.privateKey.export({ format: 'jwk' }) };
    const symmetric = { kty: 'oct', k: encode('secret'), alg: 'HS256' };
    expect(await verify(tokenOf(), leaked, symmetric)).toBe(NO_KEY);
    expect(await verify(tokenOf(), leaked, symmetric, jwkOf(ec))).toBe('valid');
  });

  it('under an id that another key has too is not chosen', async () => {
    const signed = input({ alg: 'ES256', kid: 'one' });
    const token = join(signed, signAs('ES256', ec.privateKey, signed));
    expect(await verify(token, jwkOf(ec, { kid: 'one' }), jwkOf(generate('ES256'), { kid: 'one' }))).toBe(
      'key_ambiguous',
    );
    expect(await verify(token, jwkOf(ec, { kid: 'one' }), jwkOf(generate('ES384'), { kid: 'one' }))).toBe(
      'valid',
    );
  });

  it.each(['P-256', 'P-384', 'P-521'])(
    'on %s has coordinates of full length that are a point of the curve',
    async (namedCurve) => {
      const alg = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' }[namedCurve] ?? '';
      let pair: KeyPair;
      let x: Buffer;
      do {
        pair = generateKeyPairSync('ec', { namedCurve });
        x = Buffer.from(String(jwkOf(pair).x), 'base64url');
        // The two highest bits of a P-521 coordinate lie in a byte of their own.
      } while (x[0] !== 0);
      const signed = input({ alg });
      const token = join(signed, signAs(alg, pair.privateKey, signed));
      const zero = Buffer.alloc(x.length);
      const broken = Buffer.from(x);
      broken[x.length - 1] = (broken[x.length - 1] ?? 0) ^ 1;
      expect(await verify(token, jwkOf(pair))).toBe('valid');
      for (const bytes of [
        x.subarray(1),
        Buffer.concat([Buffer.alloc(1), x]),
        zero,
        broken,
        Buffer.alloc(x.length, 0xff),
        Buffer.alloc(0),
      ])
        expect(await verify(token, jwkOf(pair, { x: bytes.toString('base64url') }))).toBe(NO_KEY);
      expect(
        await verify(token, jwkOf(pair, { x: zero.toString('base64url'), y: zero.toString('base64url') })),
      ).toBe(NO_KEY);
    },
  );

  it('of RSA has 2048 bits, an odd modulus and an odd exponent above one', async () => {
    const signed = input({ alg: 'RS256' });
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
    expect(await verify(join(signed, signAs('RS256', weak.privateKey, signed)), jwkOf(weak))).toBe(NO_KEY);
    const token = join(signed, signAs('RS256', rsa.privateKey, signed));
    expect(await verify(token, jwkOf(rsa))).toBe('valid');
    for (const e of ['', 'AA', 'AQ', 'Ag', 'AQAA', 'AQAB=', 'AQ AB'])
      expect(await verify(token, jwkOf(rsa, { e }))).toBe(NO_KEY);
    const even = Buffer.from(String(jwkOf(rsa).n), 'base64url');
    even[255] = (even[255] ?? 0) & 0xfe;
    expect(await verify(token, jwkOf(rsa, { n: even.toString('base64url') }))).toBe(NO_KEY);
    // With the exponent one, a signature is its own padded digest.
    const forged = join(signed, Buffer.alloc(256, 1));
    expect(await verify(forged, jwkOf(rsa, { e: 'AQ' }))).toBe(NO_KEY);
  });

  it.each([
    ['01', 31],
    ['00', 31],
    ['ec', 31],
  ])('on Ed25519 of small order verifies nothing: %s…', async (first) => {
    const small = first === 'ec' ? `ec${'ff'.repeat(30)}7f` : first.padEnd(64, '0');
    const x = Buffer.from(small, 'hex').toString('base64url');
    const signed = input({ alg: 'EdDSA' });
    // For the neutral element as the key, R = [s]B is a signature of anything.
    for (const r of ['01', '00'].map((byte) => Buffer.from(byte.padEnd(64, '0'), 'hex')))
      expect(
        await verify(join(signed, Buffer.concat([r, Buffer.alloc(32)])), { kty: 'OKP', crv: 'Ed25519', x }),
      ).toBe('invalid');
  });
});
