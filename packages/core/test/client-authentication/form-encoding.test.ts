import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formEncode } from '../../src/client-authentication/form-encoding.ts';

describe('formEncode', () => {
  it.each([
    [' ', '+'],
    ['%', '%25'],
    ['+', '%2B'],
    [':', '%3A'],
    ['&=', '%26%3D'],
    ['ü', '%C3%BC'],
    ['😀', '%F0%9F%98%80'],
    ['plain-._*09AZ', 'plain-._*09AZ'],
    ['', ''],
  ])('encodes %j as %s', (value, encoded) => {
    expect(formEncode(value)).toBe(encoded);
  });

  it('is undone by a form decoder, and holds nothing that a header or a colon-separated pair could trip over', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        const encoded = formEncode(value);
        expect(encoded).toMatch(/^[A-Za-z0-9*._+%-]*$/);
        expect(new URLSearchParams(`v=${encoded}`).get('v')).toBe(value);
        expect(decodeURIComponent(encoded.replaceAll('+', ' '))).toBe(value);
      }),
    );
  });
});
