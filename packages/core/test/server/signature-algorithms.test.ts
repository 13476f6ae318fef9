import { describe, expect, it } from 'vitest';
import {
  algorithmsOfKey,
  assertSignatureAlgorithms,
  SIGNATURE_ALGORITHMS,
} from '../../src/server/signature-algorithms.ts';

describe('algorithmsOfKey', () => {
  it.each([
    [{ kty: 'EC', crv: 'P-256' }, ['ES256']],
    [{ kty: 'EC', crv: 'P-521' }, ['ES512']],
    [{ kty: 'EC', crv: 'P-256', alg: 'ES256' }, ['ES256']],
    [{ kty: 'EC', crv: 'P-256', alg: 'ES384' }, []],
    [{ kty: 'EC', crv: 'secp256k1' }, []],
    [{ kty: 'EC', crv: '__proto__' }, []],
    [{ kty: 'EC', crv: ['P-256'] }, []],
    [{ kty: 'OKP', crv: 'Ed25519' }, ['EdDSA', 'Ed25519']],
    [{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA' }, ['EdDSA', 'Ed25519']],
    [{ kty: 'OKP', crv: 'X25519' }, []],
    [{ kty: 'RSA' }, ['RS256']],
    [{ kty: 'RSA', alg: 'PS256' }, ['PS256']],
    [{ kty: 'RSA', alg: 'HS256' }, []],
    [{ kty: 'RSA', alg: 'RSA-OAEP' }, []],
    [{ kty: 'RSA', alg: 7 }, []],
    [{ kty: 'oct', alg: 'HS256' }, []],
    [{ kty: 'oct', alg: 'RS256' }, []],
    [{}, []],
  ])('of %j are %j', (jwk, expected) => {
    expect(algorithmsOfKey(jwk, SIGNATURE_ALGORITHMS)).toEqual(expected);
  });

  it('are those of the issuer’s allow-list alone', () => {
    expect(algorithmsOfKey({ kty: 'EC', crv: 'P-256' }, ['RS256'])).toEqual([]);
    expect(algorithmsOfKey({ kty: 'RSA' }, ['PS512'])).toEqual(['PS512']);
    expect(algorithmsOfKey({ kty: 'RSA' }, ['PS256', 'PS512'])).toEqual([]);
    expect(algorithmsOfKey({ kty: 'RSA', alg: 'RS256' }, ['PS256'])).toEqual([]);
  });
});

describe('assertSignatureAlgorithms', () => {
  it('accepts every algorithm there is, and none of them is symmetric or none', () => {
    expect(() => assertSignatureAlgorithms(SIGNATURE_ALGORITHMS, 'algorithms')).not.toThrow();
    expect(SIGNATURE_ALGORITHMS.some((algorithm) => /^(?:HS|none)/i.test(algorithm))).toBe(false);
  });

  it.each([[[]], [['none']], [['HS256']], [['es256']], ['ES256'], [undefined]])(
    'refuses %j by name',
    (value) => {
      expect(() => assertSignatureAlgorithms(value, 'algorithms')).toThrow(/^algorithms must be .*ES256/);
    },
  );
});
