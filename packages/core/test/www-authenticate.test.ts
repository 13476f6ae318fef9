import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatChallenge, parseChallenges } from '../src/www-authenticate.ts';

const parse = (header: string) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, { ...parameters }]);

describe('parseChallenges', () => {
  it.each<[string, string, unknown[]]>([
    ['nothing', '', []],
    ['a scheme alone', 'Bearer', [['Bearer', {}]]],
    ['one challenge', 'Bearer realm="a b", error="x"', [['Bearer', { realm: 'a b', error: 'x' }]]],
    ['unquoted values', 'Bearer error=invalid_token', [['Bearer', { error: 'invalid_token' }]]],
    ['names in any case', 'bearer ERROR="x"', [['bearer', { error: 'x' }]]],
    [
      'spaces around the equals sign',
      'Bearer error = "x" ,scope\t="a"',
      [['Bearer', { error: 'x', scope: 'a' }]],
    ],
    ['a comma inside quotes', 'Bearer d="a, Basic b=c", e="f"', [['Bearer', { d: 'a, Basic b=c', e: 'f' }]]],
    ['escaped quotes', 'Bearer d="say \\"hi\\" \\\\"', [['Bearer', { d: 'say "hi" \\' }]]],
    ['the first of a repeated parameter', 'Bearer error="a", error="b"', [['Bearer', { error: 'a' }]]],
    [
      'several challenges',
      'DPoP algs="ES256", Bearer scope="a", Basic realm="r"',
      [
        ['DPoP', { algs: 'ES256' }],
        ['Bearer', { scope: 'a' }],
        ['Basic', { realm: 'r' }],
      ],
    ],
    [
      'a scheme alone before another',
      'Negotiate, Bearer a="b"',
      [
        ['Negotiate', {}],
        ['Bearer', { a: 'b' }],
      ],
    ],
    [
      'a token68',
      'Negotiate YWJj==, Bearer a="b"',
      [
        ['Negotiate', {}],
        ['Bearer', { a: 'b' }],
      ],
    ],
    ['empty list members', ', ,Bearer a="b",, c="d",', [['Bearer', { a: 'b', c: 'd' }]]],
    ['a quote that never ends', 'Bearer a="b", c="d', [['Bearer', { a: 'b' }]]],
    [
      'an inherited name',
      'Bearer __proto__="x", constructor="y"',
      [['Bearer', { ['__proto__']: 'x', constructor: 'y' }]],
    ],
  ])('reads %s', (_, header, expected) => {
    expect(parse(header)).toEqual(expected);
  });

  it('does not inherit parameters', () => {
    expect(parseChallenges('Bearer')[0]?.parameters.constructor).toBeUndefined();
  });

  it('ends on any input', () => {
    const piece = fc.constantFrom('Bearer', ' ', ',', '=', '"', '\\', 'a', 'YWI=', '\t', 'ü', '\u0000');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        for (const { scheme } of parseChallenges(pieces.join(''))) expect(scheme).not.toBe('');
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['schemes', 'a '.repeat(20_000)],
    ['commas', ','.repeat(100_000)],
    ['backslashes in a quote', `Bearer a="${'\\'.repeat(100_000)}`],
    ['quotes', `Bearer a=${'"'.repeat(100_000)}`],
    ['token68 with a wrong end', `Bearer ${'a'.repeat(50_000)} ${'='.repeat(50_000)}!`],
    ['parameters', 'Bearer ' + 'a="b",'.repeat(20_000)],
  ])('stays linear on a flood of %s', (_, header) => {
    expect(parseChallenges(header).length).toBeLessThanOrEqual(20_001);
  });
});

describe('formatChallenge', () => {
  it('writes parameters in their order and leaves out undefined ones', () => {
    expect(formatChallenge('Bearer', { error: 'invalid_token', scope: undefined, realm: '' })).toBe(
      'Bearer error="invalid_token", realm=""',
    );
    expect(formatChallenge('Bearer', {})).toBe('Bearer');
  });

  it('H18: cannot be made to write a second header, challenge or parameter', () => {
    const evil = 'x"\r\nset-cookie: a=b\r\n, error="forged\\';
    const header = formatChallenge('Bearer', { error_description: evil });
    expect(header).toBe(`Bearer error_description="x'  set-cookie: a=b  , error='forged "`);
    expect(parse(header)).toEqual([
      ['Bearer', { error_description: "x'  set-cookie: a=b  , error='forged " }],
    ]);
  });

  it('is read back by parseChallenges as it was written, whatever it was given', () => {
    const name = fc.stringMatching(/^[a-z_]{1,12}$/);
    fc.assert(
      fc.property(fc.dictionary(name, fc.string({ unit: 'binary' })), name, (parameters, scheme) => {
        const header = formatChallenge(scheme, parameters);
        expect(header).toMatch(/^[\x20-\x7e]*$/);
        const [challenge, ...others] = parseChallenges(header);
        expect(others).toEqual([]);
        expect(challenge?.scheme).toBe(scheme);
        const written = Object.entries(parameters).map(([key, value]) => [
          key,
          value.replaceAll('"', "'").replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, ' '),
        ]);
        expect({ ...challenge?.parameters }).toEqual(Object.fromEntries(written));
      }),
    );
  });
});
