import { describe, expect, test } from 'vitest';
import { parseChallenges, type Challenge } from '../src/index.ts';

const bearer = (parameters: Record<string, string> = {}): Challenge => ({ scheme: 'Bearer', parameters });

describe('well-formed headers', () => {
  test.each<[string | null, Challenge[]]>([
    [null, []],
    ['', []],
    [' , ,', []],
    ['Bearer', [bearer()]],
    ['Bearer ', [bearer()]],
    ['Bearer error="invalid_token"', [bearer({ error: 'invalid_token' })]],
    ['Bearer error=invalid_token', [bearer({ error: 'invalid_token' })]],
    ['Bearer ERROR \t=\t "x" , Scope="a b"', [bearer({ error: 'x', scope: 'a b' })]],
    ['Bearer realm="a, DPoP b=\\"c\\\\d\\""', [bearer({ realm: 'a, DPoP b="c\\d"' })]],
    ['Bearer realm=""', [bearer({ realm: '' })]],
    [',Bearer a="1",, b="2",', [bearer({ a: '1', b: '2' })]],
    ['Negotiate YWJj/+-._~==', [{ scheme: 'Negotiate', token68: 'YWJj/+-._~==', parameters: {} }]],
    ['Negotiate error=', [{ scheme: 'Negotiate', token68: 'error=', parameters: {} }]],
    ['Negotiate abc', [{ scheme: 'Negotiate', token68: 'abc', parameters: {} }]],
    [
      'Negotiate abc=, Bearer, DPoP algs="ES256 EdDSA", error="x"',
      [
        { scheme: 'Negotiate', token68: 'abc=', parameters: {} },
        bearer(),
        { scheme: 'DPoP', parameters: { algs: 'ES256 EdDSA', error: 'x' } },
      ],
    ],
    ['Bearer a="1", Bearer a="2"', [bearer({ a: '1' }), bearer({ a: '2' })]],
    ['Basic, Bearer', [{ scheme: 'Basic', parameters: {} }, bearer()]],
  ])('%j', (header, challenges) => {
    expect(parseChallenges(header)).toEqual(challenges);
  });

  test('a parameter called __proto__ is only a parameter', () => {
    const [challenge] = parseChallenges('Bearer __proto__="x"');
    expect(Object.entries(challenge?.parameters ?? {})).toEqual([['__proto__', 'x']]);
    expect(Object.getPrototypeOf(challenge?.parameters)).toBe(Object.prototype);
  });
});

describe('broken headers are refused with the place', () => {
  test.each([
    ['Bearer error="open', 'expected the value of "error" at offset 13'],
    ['Bearer a=1, error=', 'expected the value of "error"'],
    ['Bearer error="a"b="c"', 'expected a comma at offset 16'],
    ['Bearer error="a" b="c"', 'expected a comma'],
    ['Bearer error="a", ERROR="b"', '"error" comes twice'],
    ['Bearer a b', 'expected a comma'],
    ['"Bearer"', 'expected an authentication scheme at offset 0'],
    ['Bearer a="\u0000"', 'expected the value of "a"'],
  ])('%j', (header, message) => {
    expect(() => parseChallenges(header)).toThrow(SyntaxError);
    expect(() => parseChallenges(header)).toThrow(message);
  });
});
