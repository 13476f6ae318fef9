import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOperations } from '../../src/server/access/operations.ts';
import { compileResourceTemplate } from '../../src/server/access/resource-template.ts';
import { cacheLifetimeSeconds } from '../../src/cache-lifetime.ts';
import { parseChallenges } from '../../src/www-authenticate.ts';
import { anyText, FLOOD, resultOf, RUNS, texts } from './fuzz-inputs.ts';

describe('parseChallenges', () => {
  it('never throws, and gives parameters without a prototype', () => {
    const header = texts(
      'Bearer',
      ' ',
      ',',
      '=',
      '"',
      '\\',
      'a="b"',
      'error=x',
      'YWI=',
      '__proto__="x"',
      '\t',
    );
    fc.assert(
      fc.property(header, (text) => {
        for (const { scheme, parameters } of parseChallenges(text)) {
          expect(text).toContain(scheme);
          expect(Object.getPrototypeOf(parameters)).toBeNull();
        }
      }),
      RUNS,
    );
  });

  it.each(['a', ' ', ',', '=', '"', '\\', 'a ', 'a=', 'a,', 'a="",', '"\\', 'a =', 'a\t'])(
    'ends on a flood of %j',
    (piece) => {
      const flood = piece.repeat(FLOOD / piece.length);
      for (const text of [
        flood,
        `Bearer ${flood}`,
        `Bearer a="${flood}`,
        `Bearer a=${flood}`,
        `Bearer ${flood}!`,
      ])
        expect(parseChallenges(text).length).toBeLessThanOrEqual(text.length);
    },
  );
});

describe('readOperations', () => {
  const text = fc.oneof(anyText, fc.constantFrom('docs://a/../b', 'http://[', 'x', '__proto__'));
  const odd = fc.oneof(fc.jsonValue({ maxDepth: 2 }), text);
  const members = fc.record(
    {
      name: odd,
      uri: odd,
      arguments: odd,
      ref: fc.oneof(
        odd,
        fc.record({ type: fc.constantFrom('ref/prompt', 'ref/resource', 7), name: odd, uri: odd }),
      ),
      _meta: odd,
    },
    { requiredKeys: [] },
  );
  const method = fc.oneof(
    fc.constantFrom(
      'tools/call',
      'prompts/get',
      'resources/read',
      'resources/subscribe',
      'completion/complete',
      'ping',
    ),
    odd,
  );
  const message = fc.oneof(
    odd,
    fc.record({ id: odd, method, params: fc.oneof(members, odd), result: odd }, { requiredKeys: [] }),
  );

  it('never throws, and names what every operation with a name works on', () => {
    fc.assert(
      fc.property(fc.oneof(message, fc.array(message, { maxLength: 4 })), (value) => {
        // What arrives went through JSON.
        const body: unknown = JSON.parse(JSON.stringify(value));
        const read = readOperations(body);
        if (read === undefined) return;
        expect(read.operations).toHaveLength(Array.isArray(body) ? body.length : 1);
        for (const { kind, name, id } of read.operations) {
          expect(typeof name).toBe(kind === undefined ? 'undefined' : 'string');
          expect(['undefined', 'string', 'number']).toContain(typeof id);
        }
      }),
      RUNS,
    );
  });
});

describe('compileResourceTemplate', () => {
  const pieces = ['/', '-', 'x', '?', 'xx'];
  const template = fc.array(fc.constantFrom('{a}', '{+b}', ...pieces), { minLength: 1, maxLength: 7 });
  const uri = fc.string({ unit: fc.constantFrom(...pieces, 'y', '\n'), maxLength: 10 });

  it('matches what the regular expression of a template matches', () => {
    fc.assert(
      fc.property(template, uri, (parts, text) => {
        const pattern = parts
          .map((part) => ({ '{a}': '[^/?#]+', '{+b}': '[^]+', '?': '\\?' })[part] ?? part)
          .join('');
        const expected = new RegExp(`^${pattern}$`).test(text);
        expect(compileResourceTemplate(parts.join(''), 'option')(text)).toBe(
          expected || text === parts.join(''),
        );
      }),
      { ...RUNS, numRuns: 20_000 },
    );
  });

  it('throws nothing but a TypeError for the template, and nothing for a URI', () => {
    const any = texts(
      'docs://',
      'host',
      '/',
      '{',
      '}',
      '{a}',
      '{+a}',
      '{?a}',
      '(',
      '*',
      '%2e',
      'http://[',
      '..',
    );
    fc.assert(
      fc.property(any, any, (source, text) => {
        const matches = resultOf(() => compileResourceTemplate(source, 'option'), TypeError);
        expect(['boolean', 'undefined']).toContain(typeof matches?.(text));
        expect(matches?.(URL.parse(source)?.href ?? source) ?? true).toBe(true);
      }),
      RUNS,
    );
  });

  it.each([
    ['docs://h/{a}-{b}-{c}-{d}', '-'],
    ['docs://h/{a}{b}{c}{d}', 'x'],
    ['docs://h/{+a}/x/{+b}/x/{+c}/y', '/x'],
    ['docs://h/{+a}{+b}{+c}z', 'z'],
    ['docs://h/{a}/{b}', '/'],
  ])('%s ends on a flood of %j', (source, piece) => {
    const matches = compileResourceTemplate(source, 'option');
    expect(matches(`docs://h/${piece.repeat(FLOOD / 4)}?`)).toBe(false);
  });
});

describe('cacheLifetimeSeconds', () => {
  const value = texts('max-age=', 'no-store', ',', '"', '60', '99999999999999999999', '-1', ' ', 's-maxage=1')
    .map((text) => text.replace(/[^\t\x20-\x7e]/g, ''))
    .map((text) => text.trim());

  it('never throws, and stays between its bounds', () => {
    fc.assert(
      fc.property(value, value, (control, age) => {
        const lifetime = cacheLifetimeSeconds(new Headers({ 'cache-control': control, age }), {
          min: 60,
          default: 300,
          max: 600,
        });
        expect(lifetime).toBeGreaterThanOrEqual(60);
        expect(lifetime).toBeLessThanOrEqual(600);
      }),
      RUNS,
    );
  });

  it.each(['max-age=', ' ', ',', 'no-', '9', 'max-age="', 'a'])('ends on a flood of %j', (piece) => {
    const headers = new Headers({
      'cache-control': piece.repeat(FLOOD / piece.length),
      age: '9'.repeat(FLOOD),
    });
    expect(cacheLifetimeSeconds(headers, { min: 60, default: 300, max: 600 })).toBe(300);
  });
});
