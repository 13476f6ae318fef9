import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isRocaModulus } from '../../src/server/roca-modulus.ts';
import { importVerificationKey } from '../../src/server/verification-key.ts';

const PRIMORIAL = [
  2n,
  3n,
  5n,
  7n,
  11n,
  13n,
  17n,
  19n,
  23n,
  29n,
  31n,
  37n,
  41n,
  43n,
  47n,
  53n,
  59n,
  61n,
  67n,
  71n,
  73n,
  79n,
  83n,
  89n,
  97n,
  101n,
  103n,
  107n,
  109n,
  113n,
  127n,
  131n,
  137n,
  139n,
  149n,
  151n,
  157n,
  163n,
  167n,
].reduce((product, prime) => product * prime, 1n);

/** A factor of the form that the flawed generator chose: k times the primorial, plus a power of 65537. */
function factor(bits: bigint, exponent: number): bigint {
  let power = 1n;
  for (let count = 0; count < exponent; count++) power = (power * 65_537n) % PRIMORIAL;
  const multiple = (1n << bits) / PRIMORIAL;
  return multiple * PRIMORIAL + power;
}

function toBytes(value: bigint): Uint8Array {
  const hexadecimal = value.toString(16);
  return Uint8Array.from(
    Buffer.from(hexadecimal.padStart(hexadecimal.length + (hexadecimal.length % 2), '0'), 'hex'),
  );
}

const flawed = toBytes(factor(1024n, 12_345) * factor(1024n, 54_321));

describe('an RSA modulus of the flawed generator (CVE-2017-15361)', () => {
  it('is recognised', () => {
    expect(isRocaModulus(flawed)).toBe(true);
  });

  it('verifies nothing, whatever its length', async () => {
    const n = Buffer.from(flawed).toString('base64url');
    expect(
      await importVerificationKey({ kty: 'RSA', n, e: 'AQAB', kid: 'flawed' }, ['RS256']),
    ).toBeUndefined();
  });

  it('is not seen in moduli of other generators', () => {
    for (let count = 0; count < 5; count++) {
      const { n = '' } = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
        format: 'jwk',
      });
      expect(isRocaModulus(Buffer.from(n, 'base64url'))).toBe(false);
    }
  });

  it('is no longer one when it is changed by two', () => {
    const changed = Uint8Array.from(flawed);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 2;
    expect(isRocaModulus(changed)).toBe(false);
  });
});
