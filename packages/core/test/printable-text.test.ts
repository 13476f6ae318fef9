import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, sanitizeText } from '../src/printable-text.ts';

describe('sanitizeText', () => {
  it.each([
    ['a line break', 'a\r\nb', 'a\\u{d}\\u{a}b'],
    ['a terminal escape', '\u001b[31m', '\\u{1b}[31m'],
    ['C1 controls', '\u009b', '\\u{9b}'],
    ['a line separator', '\u2028', '\\u{2028}'],
    ['a direction override', '\u202eabc', '\\u{202e}abc'],
    ['a zero-width character', 'a\u200bb', 'a\\u{200b}b'],
    ['a soft hyphen', 'a\u00adb', 'a\\u{ad}b'],
    ['tag characters, which hide text', '\u{e0041}', '\\u{e0041}'],
    ['a lone surrogate', 'a\ud800b', 'a\\u{d800}b'],
  ])('escapes %s', (_, text, shown) => {
    expect(sanitizeText(text)).toBe(shown);
  });

  it('keeps what can be read, in any script', () => {
    const text = 'Grüße, 日本語, עברית, 😀 "quoted" \\ %';
    expect(sanitizeText(text)).toBe(text);
  });

  it('bounds the length and marks the cut', () => {
    expect(sanitizeText('x'.repeat(500), 10)).toBe('xxxxxxxxxx…');
    expect(sanitizeText('x'.repeat(200))).toHaveLength(200);
    expect(sanitizeText('x'.repeat(201))).toHaveLength(201);
    expect(sanitizeText('😀😀', 3)).toBe('😀…');
  });

  it('bounds the result: what is escaped counts as long as it is shown, and is shown whole', () => {
    expect(sanitizeText('\u0000'.repeat(500))).toBe(`${'\\u{0}'.repeat(40)}…`);
    expect(sanitizeText('\u0000'.repeat(40))).toHaveLength(200);
    expect(sanitizeText('ab\u0000', 6)).toBe('ab…');
    expect(sanitizeText('ab', 0)).toBe('…');
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), fc.nat(50), (text, maxLength) => {
        const shown = sanitizeText(text, maxLength);
        expect(shown.length).toBeLessThanOrEqual(shown.endsWith('…') ? maxLength + 1 : maxLength);
      }),
    );
  });

  it('leaves nothing that forges a line or hides, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = sanitizeText(text, 1000);
        // eslint-disable-next-line no-control-regex
        expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\ufeff]/);
        expect(shown.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe('printable', () => {
  it.each<[unknown, string]>([
    ['text\n', '"text\\u{a}"'],
    [7, '7'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [true, 'true'],
    [null, 'null'],
    [undefined, 'undefined'],
    [{ a: 1 }, 'an object'],
    [() => 1, 'a function'],
    [Symbol('s'), 'a symbol'],
    [['a', 1, {}, [1]], '["a", 1, an object, an array]'],
    [Array.from({ length: 12 }, (_, index) => index), '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …]'],
  ])('shows %j', (value, shown) => {
    expect(printable(value)).toBe(shown);
  });

  it('shows arrays in arrays by kind, however deep they are', () => {
    expect(printable(JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)))).toBe('[an array]');
  });
});
