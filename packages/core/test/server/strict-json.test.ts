import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStrictJsonObject } from '../../src/server/strict-json.ts';

const parse = (text: string) => parseStrictJsonObject(new TextEncoder().encode(text));
const nest = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

describe('parseStrictJsonObject', () => {
  it.each([
    '{}',
    '{"a":1,"b":[{"a":2},{"a":3}]}',
    '{"a":"b:c","d\\"e\\\\":"{\\"x\\":1,\\"x\\":2}"}',
    '{"a\\\\":1,"b":2}',
    ' {\n"a" : -1.5e3 }\t',
    '{"emoji":"\\ud83d\\ude00","text":"über"}',
    '{"__proto__":1,"constructor":2}',
    '{"":0}',
  ])('reads %s as JSON.parse does', (text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['a duplicate', '{"a":1,"a":2}'],
    ['an equal duplicate', '{"a":1,"a":1}'],
    ['a duplicate that is escaped', '{"a":1,"\\u0061":2}'],
    ['a duplicate inside an object', '{"x":{"a":1,"a":2}}'],
    ['a duplicate inside an array', '{"x":[[{"a":1,"a":2}]]}'],
    ['a duplicate of __proto__', '{"__proto__":1,"__proto__":2}'],
    ['a duplicate whose first value holds as many members', '{"a":{"b":1},"a":{"b":1}}'],
    ['a lone surrogate', '{"a":"\\ud800"}'],
    ['a lone surrogate in a name', '{"\\udc00":1}'],
    ['surrogates in the wrong order', '{"a":"\\ude00\\ud83d"}'],
    ['a number beyond all bounds', '{"a":1e400}'],
    ['a negative one, deep inside', '{"a":[{"b":-1e400}]}'],
    ['an array', '[{}]'],
    ['null', 'null'],
    ['a text', '"{}"'],
    ['junk behind it', '{}x'],
    ['a second object', '{}{}'],
    ['a comment', '{/**/}'],
    ['a trailing comma', '{"a":1,}'],
    ['single quotes', "{'a':1}"],
    ['nothing', ''],
    ['a byte order mark', '\ufeff{}'],
    ['a control character in a text', '{"a":"\n"}'],
    ['thirteen levels', nest(13)],
    ['thousands of levels', nest(5000)],
  ])('refuses %s', (_, text) => {
    expect(parse(text)).toBeUndefined();
  });

  it('accepts twelve levels', () => {
    expect(parse(nest(12))).toBeDefined();
  });

  it.each([
    ['a byte that is no UTF-8', [0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]],
    ['an overlong form', [0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]],
    ['an encoded surrogate', [0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]],
    ['a character that is cut off', [0x7b, 0x22, 0xc3]],
  ])('refuses %s', (_, bytes) => {
    expect(parseStrictJsonObject(Uint8Array.from(bytes))).toBeUndefined();
  });

  it('agrees with JSON.parse on every object that has nothing odd in it', () => {
    const value = fc.dictionary(
      fc.string({ unit: 'grapheme' }),
      fc.jsonValue({ maxDepth: 6, stringUnit: 'grapheme' }),
    );
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 2), (object, indent) => {
        const text = JSON.stringify(object, undefined, indent);
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('refuses every object with one of its members repeated', () => {
    const value = fc.dictionary(
      fc.string({ unit: 'grapheme' }),
      fc.jsonValue({ maxDepth: 3, stringUnit: 'grapheme' }),
      { minKeys: 1 },
    );
    fc.assert(
      fc.property(
        value,
        fc.nat(),
        fc.jsonValue({ maxDepth: 3, stringUnit: 'grapheme' }),
        (object, pick, other) => {
          const names = Object.keys(object);
          const name = names[pick % names.length] ?? '';
          const text = `${JSON.stringify(object).slice(0, -1)},${JSON.stringify(name)}:${JSON.stringify(other)}}`;
          expect(parse(text)).toBeUndefined();
        },
      ),
    );
  });
});
