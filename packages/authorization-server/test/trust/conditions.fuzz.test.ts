import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { matchesPattern, SEPARATORS } from '../../src/trust/claim-pattern.ts';
import { judgeRule } from '../../src/trust/judge-rule.ts';
import { assertPinned, pinsIdentity } from '../../src/trust/pinned-identity.ts';
import { parseConditions, type TrustCondition } from '../../src/trust/trust-condition.ts';
import type { TrustRule } from '../../src/trust/trust-rule.ts';

const AUDIENCE = 'https://auth.example.com';
const ISSUER = 'https://ci.example.com';
const RUNS = { numRuns: 2000 };

const part = fc.string({ unit: fc.constantFrom(...'abAB01-._~ü'.split('')), minLength: 1, maxLength: 6 });
const separator = fc.constantFrom(...SEPARATORS.split(''));
const subject = fc
  .array(fc.tuple(part, separator), { minLength: 1, maxLength: 5 })
  .chain((parts) => part.map((last) => parts.map(([text, mark]) => text + mark).join('') + last));
const claimName = fc.constantFrom('sub', 'repository', 'project_path', 'oid');
const otherValue = fc.oneof(
  subject,
  part,
  fc.constant(undefined),
  fc.constant(null),
  fc.integer(),
  fc.boolean(),
  fc.array(subject, { maxLength: 2 }),
  fc.dictionary(part, subject, { maxKeys: 2 }),
);
const otherClaims = fc.dictionary(part, otherValue, { maxKeys: 4 });

const ruleOf = (conditions: readonly TrustCondition[]): TrustRule => ({
  id: 'rule',
  issuerId: 'issuer',
  clientId: 'client',
  label: undefined,
  audience: undefined,
  conditions: parseConditions(conditions),
  revision: 'r',
  createdAt: '',
  updatedAt: '',
});
const accepts = (conditions: readonly TrustCondition[], claims: Record<string, unknown>): boolean =>
  judgeRule(ruleOf(conditions), claims, AUDIENCE).fulfilled;

/** A pattern as a regular expression, by the words of its documentation. */
const reference = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
      .join(`[^${SEPARATORS}]+`)}$`,
    'u',
  );

describe('trust conditions', () => {
  it('no rule accepts a token whose pinned claim is another one', () => {
    fc.assert(
      fc.property(claimName, subject, otherValue, otherClaims, (claim, pinned, value, claims) => {
        fc.pre(value !== pinned);
        const token = { ...claims, aud: AUDIENCE, [claim]: value };
        expect(accepts([{ claim, equals: pinned }], token)).toBe(false);
        expect(accepts([{ claim, matches: pinned }], token)).toBe(false);
        expect(accepts([{ claim, oneOf: [pinned, `${pinned}x`] }], token)).toBe(value === `${pinned}x`);
      }),
      RUNS,
    );
  });

  it('every rule accepts a token with exactly what it asks for, whatever else is in it', () => {
    fc.assert(
      fc.property(claimName, subject, otherClaims, (claim, pinned, claims) => {
        const token = { ...claims, aud: AUDIENCE, [claim]: pinned };
        for (const condition of [
          { claim, equals: pinned },
          { claim, oneOf: [pinned] },
          { claim, matches: pinned },
        ])
          expect(accepts([condition], token)).toBe(true);
      }),
      RUNS,
    );
  });

  it('all conditions of a rule have to hold, and the audience alone', () => {
    fc.assert(
      fc.property(subject, subject, otherValue, (one, two, value) => {
        fc.pre(value !== two);
        const conditions: TrustCondition[] = [
          { claim: 'sub', equals: one },
          { claim: 'ref', equals: two },
        ];
        expect(accepts(conditions, { aud: AUDIENCE, sub: one, ref: value })).toBe(false);
        expect(accepts(conditions, { aud: [AUDIENCE, one], sub: one, ref: two })).toBe(false);
        expect(accepts(conditions, { aud: one, sub: one, ref: two })).toBe(false);
      }),
      RUNS,
    );
  });

  it('a pattern matches what its documentation says, and nothing across a separator', () => {
    const pattern = fc
      .array(fc.oneof(part, separator, fc.constant('*')), { minLength: 1, maxLength: 8 })
      .map((parts) => parts.join('').replace(/\*+/g, '*'));
    const text = fc.array(fc.oneof(part, separator), { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(pattern, text, (one, other) => {
        expect([one, other, matchesPattern(one, other)]).toEqual([one, other, reference(one).test(other)]);
      }),
      { numRuns: 20_000 },
    );
    // And what is made to match does.
    fc.assert(
      fc.property(pattern, fc.array(part, { minLength: 8, maxLength: 8 }), (one, fillers) => {
        let index = 0;
        const filled = one.replaceAll('*', () => fillers[index++ % fillers.length] ?? 'x');
        expect(matchesPattern(one, filled)).toBe(true);
      }),
      RUNS,
    );
  });

  it('a pattern that pins its first parts accepts nobody with other ones', () => {
    fc.assert(
      fc.property(part, part, part, part, subject, (kind, owner, otherOwner, name, rest) => {
        fc.pre(owner !== otherOwner);
        const condition: TrustCondition = { claim: 'sub', matches: `${kind}:${owner}/*:${name}` };
        fc.pre(pinsIdentity(condition, ISSUER));
        for (const sub of [
          `${kind}:${otherOwner}/${rest}`,
          `${kind}:${otherOwner}/x:${name}`,
          `${kind}:${otherOwner}/${kind}:${owner}/x:${name}`,
          `${otherOwner}:${kind}:${owner}/x:${name}`,
        ]) {
          if (sub.startsWith(`${kind}:${owner}/`)) continue;
          expect([sub, accepts([condition], { aud: AUDIENCE, sub })]).toEqual([sub, false]);
        }
      }),
      RUNS,
    );
  });

  it('a pattern that begins with a star pins nobody', () => {
    fc.assert(
      fc.property(subject, claimName, (rest, claim) => {
        expect(() => assertPinned([{ claim, matches: `*${rest}` }], ISSUER)).toThrow(TypeError);
        expect(() => assertPinned([{ claim: 'ref', equals: rest }], ISSUER)).toThrow(TypeError);
      }),
      RUNS,
    );
  });

  it('a long text costs no more than its length', () => {
    const text = 'a'.repeat(8000);
    for (let count = 0; count < 200; count++) expect(matchesPattern('*a*a*a*a*b', text)).toBe(false);
  });

  it('a claim is found by its own name alone, never along a prototype', () => {
    for (const claim of ['__proto__', 'constructor', 'toString', ['constructor', 'name']] as const)
      expect(accepts([{ claim, equals: 'Object' }], { aud: AUDIENCE, sub: 'x' })).toBe(false);
    const nested: TrustCondition = { claim: ['kubernetes.io', 'namespace'], equals: 'ci' };
    expect(accepts([nested], { aud: AUDIENCE, 'kubernetes.io': { namespace: 'ci' } })).toBe(true);
    expect(
      accepts([nested], { aud: AUDIENCE, 'kubernetes.io.namespace': 'ci', 'kubernetes.io': ['ci'] }),
    ).toBe(false);
  });
});
