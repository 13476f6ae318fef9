import { generateKeyPairSync, sign, verify } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEcdsaSignature } from '../../src/client-authentication/ecdsa-signature.ts';

const CURVES = [
  ['P-256', 32],
  ['P-384', 48],
  ['P-521', 66],
] as const;

const bytesOf = (number: bigint): Buffer => {
  const hex = number.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
};
const element = (tag: number, content: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(content.length > 127 ? [tag, 0x81, content.length] : [tag, content.length]),
    content,
  ]);
const integer = (number: bigint): Buffer => {
  const bytes = bytesOf(number);
  return element(0x02, (bytes[0] ?? 0) > 127 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
};
const der = (...numbers: bigint[]): Buffer => element(0x30, Buffer.concat(numbers.map(integer)));

describe.each(CURVES)('a signature on %s', (namedCurve, size) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });

  it('is converted from DER, and left as it is where it is raw, so that it verifies', () => {
    for (let index = 0; index < 100; index++) {
      const data = Buffer.of(index);
      const encoded = sign('sha256', data, privateKey);
      const raw = readEcdsaSignature(encoded, size) ?? Buffer.of();
      expect(verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, raw)).toBe(true);
      expect(readEcdsaSignature(raw, size)).toEqual(raw);
    }
  });

  it('may be of any two positive numbers that fit', () => {
    const number = fc.bigInt({ min: 1n, max: (1n << BigInt(size * 8)) - 1n });
    const small = fc.bigInt({ min: 1n, max: 1n << 64n });
    const coordinate = fc.oneof(number, small);
    const fixed = (value: bigint) => value.toString(16).padStart(size * 2, '0');
    fc.assert(
      fc.property(coordinate, coordinate, (r, s) => {
        const raw = readEcdsaSignature(der(r, s), size) ?? Buffer.of();
        expect(Buffer.from(raw).toString('hex')).toBe(fixed(r) + fixed(s));
      }),
    );
  });

  it('is not found in a number that is too large, zero or negative', () => {
    const tooLarge = 1n << BigInt(size * 8);
    const negative = element(0x30, Buffer.concat([element(0x02, Buffer.of(0x80)), integer(1n)]));
    const empty = element(0x30, Buffer.concat([element(0x02, Buffer.of()), integer(1n)]));
    const halfZero = Buffer.concat([Buffer.alloc(size), Buffer.alloc(size, 1)]);
    for (const bytes of [
      der(tooLarge, 1n),
      der(1n, tooLarge),
      der(0n, 1n),
      der(1n, 0n),
      negative,
      empty,
      Buffer.alloc(2 * size),
      halfZero,
      halfZero.toReversed(),
    ]) {
      expect(readEcdsaSignature(bytes, size)).toBeUndefined();
    }
  });

  it('J37: is not found in DER that is cut, prolonged, or of one or three numbers', () => {
    const whole = der(1n << 200n, 3n);
    for (let length = 0; length < whole.length; length++) {
      expect(readEcdsaSignature(whole.subarray(0, length), size)).toBeUndefined();
    }
    for (const bytes of [Buffer.concat([whole, Buffer.of(0)]), der(5n), der(5n, 5n, 5n)]) {
      expect(readEcdsaSignature(bytes, size)).toBeUndefined();
    }
  });

  it('is either of the right length or not found, whatever the bytes', () => {
    const tagged = fc.uint8Array({ maxLength: 150 }).map((tail) => Uint8Array.of(0x30, tail.length, ...tail));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), tagged), (bytes) => {
        const raw = readEcdsaSignature(bytes, size);
        expect(raw === undefined || raw.length === 2 * size).toBe(true);
      }),
    );
  });
});
