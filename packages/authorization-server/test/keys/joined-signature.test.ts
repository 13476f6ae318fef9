import { generateKeyPairSync, sign, verify } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { joinSignature } from '../../src/keys/joined-signature.ts';

describe('a signature of JWS out of one in DER', () => {
  it('verifies, whatever length its numbers happen to have', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const lengths = new Set<number>();
    for (let count = 0; count < 2000; count++) {
      const data = Buffer.from(`message ${count}`);
      const der = sign('sha256', data, privateKey);
      lengths.add(der.length);
      const joined = joinSignature(der);
      expect(joined).toHaveLength(64);
      expect(verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, joined)).toBe(true);
    }
    expect(lengths.size).toBeGreaterThan(2);
  });

  it('has small numbers padded, and is without the zero before a large one', () => {
    const large = Buffer.alloc(32, 0xff);
    const der = Buffer.concat([Buffer.from([0x30, 38, 0x02, 1, 7, 0x02, 33, 0]), large]);
    expect(joinSignature(der)).toEqual(Buffer.concat([Buffer.alloc(31), Buffer.from([7]), large]));
  });
});
