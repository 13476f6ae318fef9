import { sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readNumber, reform, writeNumber } from './differential/signature-forms.ts';
import { encode, generate, input, join, jwkOf, signAs, signWithSalt, verify } from './generated-jws.ts';

// The forms that signatures take in the public JOSE test vectors, generated here with keys of our own.

const rsa = generate('RS256');
const ec = generate('ES256');
const ed = generate('EdDSA');

describe('an RSA signature', () => {
  it.each([
    ['PS256', 32, 'valid'],
    ['PS256', 0, 'invalid'],
    ['PS256', 20, 'invalid'],
    ['PS256', 222, 'invalid'],
    ['PS384', 48, 'valid'],
    ['PS384', 32, 'invalid'],
    ['PS512', 64, 'valid'],
    ['PS512', 62, 'invalid'],
  ] as const)('by %s with a salt of %i bytes is %s', async (alg, saltLength, expected) => {
    const signed = input({ alg });
    const token = join(signed, signWithSalt(alg, rsa.privateKey, signed, saltLength));
    expect(await verify(token, jwkOf(rsa, { alg }))).toBe(expected);
  });

  it('is made with the digest and the padding that its name says', async () => {
    for (const [alg, other] of [
      ['RS256', 'RS384'],
      ['RS256', 'PS256'],
      ['PS256', 'RS256'],
      ['PS512', 'PS256'],
    ] as const) {
      const signed = input({ alg });
      expect(await verify(join(signed, signAs(other, rsa.privateKey, signed)), jwkOf(rsa, { alg }))).toBe(
        'invalid',
      );
    }
  });

  it('keeps its leading zeros', async () => {
    let signed = '';
    let signature: Buffer;
    let attempt = 0;
    do {
      signed = input({ alg: 'RS256' }, { attempt: attempt++ });
      signature = signAs('RS256', rsa.privateKey, signed);
    } while (signature[0] !== 0);
    expect(await verify(join(signed, signature), jwkOf(rsa))).toBe('valid');
    expect(await verify(join(signed, signature.subarray(1)), jwkOf(rsa))).toBe('invalid');
  });
});

describe('an elliptic-curve signature', () => {
  const forms = ['der', 'r-zero', 's-zero', 'r-is-order', 's-is-order', 'zero'] as const;

  it.each(['ES256', 'ES384', 'ES512'] as const)(
    'by %s consists of two numbers in range, of full length',
    async (alg) => {
      const pair = generate(alg);
      const { privateKey } = pair;
      const jwk = jwkOf(pair);
      let signed: string;
      let signature: Buffer;
      let attempt = 0;
      do {
        signed = input({ alg }, { attempt: attempt++ });
        signature = signAs(alg, privateKey, signed);
      } while (signature[0] !== 0);
      expect(await verify(join(signed, signature), jwk)).toBe('valid');
      for (const form of forms)
        expect(await verify(join(signed, reform(signature, form, alg)), jwk)).toBe('invalid');
      const size = signature.length / 2;
      const [r, s] = [signature.subarray(0, size), signature.subarray(size)];
      for (const bytes of [
        [r.subarray(1), s],
        [Buffer.alloc(1), r, Buffer.alloc(1), s],
        [s, r],
      ])
        expect(await verify(join(signed, Buffer.concat(bytes)), jwk)).toBe('invalid');
      // RFC 7518 §3.4 has no rule on which of s and −s it is; nothing here takes a signature for an identity.
      expect(await verify(join(signed, reform(signature, 's-negated', alg)), jwk)).toBe('valid');
    },
  );

  it('by ES512 is not valid with a number above the order, for which there is room', async () => {
    const signed = input({ alg: 'ES512' });
    const pair = generate('ES512');
    const signature = signAs('ES512', pair.privateKey, signed);
    expect(await verify(join(signed, reform(signature, 's-plus-order', 'ES512')), jwkOf(pair))).toBe(
      'invalid',
    );
  });

  it('is made with the digest that belongs to its curve', async () => {
    const signed = input({ alg: 'ES256' });
    const signature = sign('sha384', Buffer.from(signed), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' });
    expect(await verify(join(signed, signature), jwkOf(ec))).toBe('invalid');
  });

  it('by Ed25519 has its second number below the order of the group', async () => {
    const signed = input({ alg: 'EdDSA' });
    const signature = signAs('EdDSA', ed.privateKey, signed);
    expect(await verify(join(signed, signature), jwkOf(ed))).toBe('valid');
    for (const form of ['s-plus-order', 's-is-order', 's-negated', 's-zero', 'r-zero'] as const)
      expect(await verify(join(signed, reform(signature, form, 'EdDSA')), jwkOf(ed))).toBe('invalid');
    const bigEndian = writeNumber(readNumber(signature.subarray(32), true), 32, false);
    expect(await verify(join(signed, Buffer.concat([signature.subarray(0, 32), bigEndian])), jwkOf(ed))).toBe(
      'invalid',
    );
  });
});

describe('a signature in another dress', () => {
  it.each<[string, (protectedHeader: string, payload: string, signature: string) => string]>([
    [
      'general JSON',
      (header, payload, signature) =>
        JSON.stringify({ payload, signatures: [{ protected: header, signature }] }),
    ],
    [
      'flattened JSON',
      (header, payload, signature) => JSON.stringify({ payload, protected: header, signature }),
    ],
    ['a detached payload', (header, _, signature) => `${header}..${signature}`],
    ['no signature', (header, payload) => `${header}.${payload}`],
    ['a fourth part', (header, payload, signature) => `${header}.${payload}.${signature}.`],
    [
      'five parts, as encryption has',
      (header, payload, signature) => `${header}.${payload}.${signature}.AAAA.AAAA`,
    ],
    ['no header', (_, payload, signature) => `.${payload}.${signature}`],
    ['padding', (header, payload, signature) => `${header}.${payload}.${signature}==`],
    ['a line break', (header, payload, signature) => `${header}.${payload}.\n${signature}`],
  ])('is refused: %s', async (_, dress) => {
    const signed = input({ alg: 'ES256' });
    const [header = '', payload = ''] = signed.split('.');
    const signature = signAs('ES256', ec.privateKey, signed).toString('base64url');
    expect(await verify(`${header}.${payload}.${signature}`, jwkOf(ec))).toBe('valid');
    expect(await verify(dress(header, payload, signature), jwkOf(ec))).toBe('token_malformed');
  });

  it.each([
    { b64: false, crit: ['b64'] },
    { b64: false },
    { crit: ['b64'], b64: true },
    { crit: ['exp'], exp: 1 },
  ])('is refused: an unencoded payload or another extension, %j', async (extension) => {
    const header = { alg: 'ES256', ...extension };
    for (const signed of [input(header), `${encode(header)}.{"iss":"i"}`, `${encode(header)}.e30`])
      expect(await verify(join(signed, signAs('ES256', ec.privateKey, signed)), jwkOf(ec))).toBe(
        'token_malformed',
      );
  });
});
