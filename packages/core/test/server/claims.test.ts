import { describe, expect, it } from 'vitest';
import { assertRequiredClaims, assertValidNow, readValidityPeriod } from '../../src/server/claims.ts';
import { failureOf } from './failure-of.ts';

describe('readValidityPeriod', () => {
  it('reads the three times, fractions included', () => {
    const period = { expiresAt: 20.5, notBefore: 10, issuedAt: 0 };
    expect(readValidityPeriod({ exp: 20.5, nbf: 10, iat: 0 })).toEqual(period);
    expect(readValidityPeriod({ exp: 20 })).toEqual({
      expiresAt: 20,
      notBefore: undefined,
      issuedAt: undefined,
    });
  });

  it('needs exp', () => {
    expect(failureOf(() => readValidityPeriod({ iat: 1 })).reason).toBe('claim_missing');
  });

  it.each(['20', null, -1, Number.NaN, Number.POSITIVE_INFINITY, 1_800_000_000_000, [20], {}, true])(
    'refuses %j as any of them',
    (value) => {
      for (const claim of ['exp', 'nbf', 'iat']) {
        const claims = { exp: 20, [claim]: value };
        expect(failureOf(() => readValidityPeriod(claims)).reason).toBe('claim_invalid');
      }
    },
  );
});

describe('assertValidNow', () => {
  const period = { expiresAt: 100, notBefore: 50, issuedAt: 40 };

  it('accepts from the start to the end, widened by the tolerance', () => {
    for (const now of [20, 50, 99, 100, 129.9]) expect(() => assertValidNow(period, now, 30)).not.toThrow();
  });

  it('refuses at the end and after it', () => {
    expect(failureOf(() => assertValidNow(period, 130, 30)).reason).toBe('token_expired');
    expect(failureOf(() => assertValidNow(period, 100, 0)).reason).toBe('token_expired');
  });

  it('refuses before the later of nbf and iat', () => {
    expect(failureOf(() => assertValidNow(period, 19, 30)).reason).toBe('token_not_yet_valid');
    const issuedLater = { ...period, issuedAt: 60 };
    expect(failureOf(() => assertValidNow(issuedLater, 59, 0)).reason).toBe('token_not_yet_valid');
  });
});

describe('assertRequiredClaims', () => {
  it('names what is missing', () => {
    const { reason, details } = failureOf(() => assertRequiredClaims({ sub: 'a' }, ['sub', 'jti']));
    expect([reason, details.expected]).toEqual(['claim_missing', 'the claim "jti"']);
  });

  it.each(['', 7, null, ['a'], {}])('refuses %j as an identifier, required or not', (value) => {
    for (const claim of ['sub', 'client_id', 'jti']) {
      expect(failureOf(() => assertRequiredClaims({ [claim]: value }, [])).reason).toBe('claim_invalid');
    }
  });

  it('accepts what is complete', () => {
    expect(() =>
      assertRequiredClaims({ sub: 'a', client_id: 'b', jti: 'c', iat: 1 }, ['sub', 'iat']),
    ).not.toThrow();
  });
});
