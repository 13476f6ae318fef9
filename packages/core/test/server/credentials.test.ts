import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCredentials } from '../../src/server/credentials.ts';
import { failureOf } from './failure-of.ts';

const read = (authorization: string | readonly string[] | undefined) => readCredentials({ authorization });

describe('readCredentials', () => {
  it.each([
    ['Bearer abc', 'Bearer', 'abc'],
    ['bEARER abc', 'Bearer', 'abc'],
    ['Bearer   abc', 'Bearer', 'abc'],
    ['DPoP abc', 'DPoP', 'abc'],
    ['dpop abc', 'DPoP', 'abc'],
    ['Bearer a-b.c_d~e+f/g==', 'Bearer', 'a-b.c_d~e+f/g=='],
  ])('reads %s', (header, scheme, token) => {
    expect(read(header)).toEqual({ scheme, token });
    expect(read([header])).toEqual({ scheme, token });
  });

  it.each([
    undefined,
    '',
    'Basic YTpi',
    'abc',
    'Bearerabc',
    'Bearer2 abc',
    'Bearer\tabc',
    ' Bearer abc',
    'Basic x,',
    'Digest username="a, Bearer abc", realm="b", qop=auth, nc = 1',
    'Digest username="a\\", Bearer abc", realm="b"',
    'Digest username="a, Bearer abc',
  ])('finds no credentials in %j', (header) => {
    expect(read(header)).toBeUndefined();
  });

  it('looks into no other header', () => {
    const headers = { 'proxy-authorization': 'Bearer a', 'x-authorization': 'Bearer a', cookie: 'Bearer a' };
    expect(readCredentials(headers)).toBeUndefined();
  });

  it.each(['Bearer', 'Bearer ', 'Bearer    ', 'DPoP', 'Bearer abc,', 'Bearer abc , x="y"', 'Bearer ab==,,'])(
    'refuses %j',
    (header) => {
      expect(failureOf(() => read(header)).reason).toBe('credentials_malformed');
    },
  );

  it.each([
    ['Bearer abc', 'Bearer abc'],
    ['Bearer abc', 'DPoP def'],
    ['Bearer abc', 'def'],
    ['Bearer abc', 'Basic x=='],
    ['Basic x', 'Bearer abc'],
    ['Basic x', 'Basic x'],
    ['Digest username="a, b", realm="c"', 'Bearer abc'],
    ['', 'Bearer abc'],
    ['', '', 'DPoP abc'],
    ['Bearer "', '"', 'Bearer abc'],
  ])('refuses several credentials, as headers and as a list: %j, %j', (...headers) => {
    for (const header of [headers, headers.join(','), headers.join(', '), headers.join(' ,\t')]) {
      expect(failureOf(() => read(header)).reason).toBe('credentials_repeated');
    }
  });

  it('answers several headers as it answers their list, whatever is in them', () => {
    const outcome = (header: string | readonly string[]): unknown => {
      try {
        return read(header);
      } catch (error) {
        return error;
      }
    };
    const piece = fc.constantFrom('Bearer', 'DPoP', 'Basic', ' ', ',', '"', '\\', '=', 'a', 'b=c', '\t', 'é');
    const value = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.array(value, { minLength: 2, maxLength: 3 }), (values) => {
        const answer = outcome(values);
        expect(answer).toEqual(outcome(values.join(', ')));
        // Nothing that is found in several headers can be a token.
        expect({ ...(answer as object | undefined) }).not.toHaveProperty(
          'token',
          expect.stringMatching(/^[A-Za-z0-9\-._~+/=]*$/),
        );
      }),
    );
  });

  it('is done in no time with a header of any length that has no end', () => {
    expect(read(`Digest ${'"\\'.repeat(400_000)}`)).toBeUndefined();
    expect(read(`Digest a="${'\\"'.repeat(400_000)}, Bearer abc`)).toBeUndefined();
    expect(read(`Digest${' ,'.repeat(400_000)}`)).toBeUndefined();
  });

  it('leaves every character behind the scheme to the token’s own parser', () => {
    expect(read('Bearer abc\u00a0')?.token).toBe('abc\u00a0');
    expect(read('Bearer abc def')?.token).toBe('abc def');
  });

  it('never repeats what it refuses', () => {
    const { details } = failureOf(() => read('Bearer secretsecret, Bearer secretsecret'));
    expect(JSON.stringify(details)).not.toContain('secretsecret');
  });
});
