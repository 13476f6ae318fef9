import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64url } from '../../src/server/base64url.ts';
import { hasCompactForm, parseCompactJws } from '../../src/server/compact-jws.ts';
import { readCredentials } from '../../src/server/credentials.ts';
import { parseStrictJsonObject } from '../../src/server/strict-json.ts';
import { VerificationFailure } from '../../src/server/verification-failure.ts';
import { anyText, FLOOD, resultOf, RUNS, texts } from './fuzz-inputs.ts';

describe('decodeBase64url', () => {
  const letters = fc.string({
    unit: fc.constantFrom('A', 'B', 'Z', 'a', 'z', '0', '9', '-', '_', '=', '+', '/', ' '),
    maxLength: 12,
  });

  it('decodes what Buffer encodes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        expect(decodeBase64url(Buffer.from(bytes).toString('base64url'))).toEqual(bytes);
      }),
      RUNS,
    );
  });

  it('decodes nothing else, where Buffer decodes anything', () => {
    fc.assert(
      fc.property(fc.oneof(letters, anyText), (text) => {
        const lenient = Buffer.from(text, 'base64url');
        const expected = lenient.toString('base64url') === text ? Uint8Array.from(lenient) : undefined;
        expect(decodeBase64url(text)).toEqual(expected);
      }),
      RUNS,
    );
  });
});

describe('parseStrictJsonObject', () => {
  const json = texts(
    '{',
    '}',
    '[',
    ']',
    '"a"',
    ':',
    ',',
    '"a":1',
    '1',
    '-1e400',
    'null',
    '"\\ud800"',
    '\\',
    '"',
    ' ',
  );

  it('never throws, and agrees with JSON.parse on what it accepts', () => {
    const encoded = json.map((text) => new TextEncoder().encode(text));
    fc.assert(
      fc.property(fc.oneof(encoded, fc.uint8Array({ maxLength: 40 })), (bytes) => {
        const object = parseStrictJsonObject(bytes);
        const lenient: unknown = object && JSON.parse(Buffer.from(bytes).toString('utf8'));
        expect(object).toEqual(lenient);
      }),
      RUNS,
    );
  });

  it.each([
    ['opening brackets', '['],
    ['opening members', '{"a":'],
    ['backslashes', '\\'],
    ['escaped quotes', '\\"'],
    ['quotes', '"'],
    ['colons', ':'],
  ])('ends on a flood of %s', (_, piece) => {
    const flood = piece.repeat(FLOOD / piece.length);
    for (const text of [flood, `{"a":"${flood}`, `{"a":"${flood}"}`, `{"a":${flood}`])
      expect(parseStrictJsonObject(Buffer.from(text))).toEqual(resultOf(() => parsedOnce(text), SyntaxError));
  });
});

/** What JSON.parse makes of a text, and nothing for what is not an object or is nested too deep. */
function parsedOnce(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && !Array.isArray(value) ? value : undefined;
}

describe('parseCompactJws', () => {
  const encode = (text: string): string => Buffer.from(text).toString('base64url');
  const part = fc.oneof(
    fc
      .constantFrom(
        '{"alg":"ES256"}',
        '{"alg":"ES256","kid":"k"}',
        '{}',
        '{"iss":"i"}',
        '{"alg":7}',
        '[]',
        '',
      )
      .map(encode),
    fc.jsonValue({ maxDepth: 3 }).map((value) => encode(JSON.stringify(value))),
    anyText,
  );
  const token = fc.oneof(
    fc.array(part, { maxLength: 6 }).map((parts) => parts.join('.')),
    texts('.', encode('{"alg":"ES256"}'), 'AAAA'),
  );

  it('throws nothing but its own failure, and puts together again what it took apart', () => {
    fc.assert(
      fc.property(token, (text) => {
        const jws = resultOf(() => parseCompactJws(text), VerificationFailure);
        if (jws === undefined) return;
        expect(hasCompactForm(text)).toBe(true);
        expect(`${jws.signingInput}.${Buffer.from(jws.signature).toString('base64url')}`).toBe(text);
        expect(jws.header.alg).toBe(jws.algorithm);
      }),
      RUNS,
    );
  });

  it.each(['.', 'A', 'A.', '..', '{', ' '])('ends on a flood of %j', (piece) => {
    const flood = piece.repeat(FLOOD / piece.length);
    expect(resultOf(() => parseCompactJws(flood), VerificationFailure)).toBeUndefined();
    expect(resultOf(() => parseCompactJws(flood, FLOOD), VerificationFailure)).toBeUndefined();
    expect(hasCompactForm(flood)).toBe(false);
  });
});

describe('readCredentials', () => {
  const header = texts('Bearer', 'DPoP', 'bearer ', 'Basic ', ' ', ',', '=', 'abc', '\t', 'Bearer abc');

  it('throws nothing but its own failure, and gives a scheme that it knows and a token', () => {
    fc.assert(
      fc.property(
        fc.oneof(header, fc.array(header, { maxLength: 3 }), fc.constant(undefined)),
        (authorization) => {
          const credentials = resultOf(() => readCredentials({ authorization }), VerificationFailure);
          if (credentials === undefined) return;
          const sent = typeof authorization === 'string' ? authorization : authorization?.join(', ');
          expect(['Bearer', 'DPoP']).toContain(credentials.scheme);
          expect(credentials.token).not.toBe('');
          expect(sent?.endsWith(credentials.token)).toBe(true);
        },
      ),
      RUNS,
    );
  });

  it.each([' ', 'a', '=', ',', ' ,', 'a,', '\t', '\u00a0'])('ends on a flood of %j', (piece) => {
    const flood = piece.repeat(FLOOD / piece.length);
    for (const authorization of [
      flood,
      `Bearer ${flood}`,
      `Bearer a${flood}`,
      `Bearer a${flood},`,
      `Bearer a${flood}!`,
    ]) {
      const credentials = resultOf(() => readCredentials({ authorization }), VerificationFailure);
      expect(authorization.endsWith(credentials?.token ?? '')).toBe(true);
    }
  });
});
