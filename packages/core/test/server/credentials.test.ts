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
    'Basic x, Bearer abc',
  ])('finds no credentials in %j', (header) => {
    expect(read(header)).toBeUndefined();
  });

  it('looks into no other header', () => {
    const headers = { 'proxy-authorization': 'Bearer a', 'x-authorization': 'Bearer a', cookie: 'Bearer a' };
    expect(readCredentials(headers)).toBeUndefined();
  });

  it.each([
    'Bearer',
    'Bearer ',
    'Bearer    ',
    'DPoP',
    'Bearer abc,',
    'Bearer abc, Bearer def',
    'Bearer abc , x="y"',
    'Bearer ab==, c',
  ])('refuses %j', (header) => {
    expect(failureOf(() => read(header)).reason).toBe('credentials_malformed');
  });

  it('refuses several headers, equal ones too', () => {
    expect(failureOf(() => read(['Bearer abc', 'Bearer abc'])).reason).toBe('credentials_repeated');
    expect(failureOf(() => read(['', 'Bearer abc'])).reason).toBe('credentials_repeated');
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
