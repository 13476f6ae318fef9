import { describe, expect, it } from 'vitest';
import { copyTokenRecord, endOfRecord } from '../../../src/client/store/token-record.ts';
import { createStoredToken, START } from './stored-token.ts';

describe('copyTokenRecord', () => {
  it('copies a record through JSON without loss', () => {
    const record = {
      token: createStoredToken(),
      lease: { owner: 'one', renewingUntil: START },
      failure: { code: 'unavailable', failedUntil: START },
    };
    expect(copyTokenRecord(JSON.parse(JSON.stringify(record)))).toEqual(record);
    expect(copyTokenRecord({})).toEqual({});
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a list', []],
    ['text', 'a'],
    ['a token that is text', { token: 'a' }],
    ['a null token', { token: null }],
    ['an empty token', { token: createStoredToken({ accessToken: '' }) }],
    ['a token with a line break', { token: createStoredToken({ accessToken: 'a\r\nx-admin: 1' }) }],
    ['a token with a space', { token: createStoredToken({ accessToken: 'a b' }) }],
    ['a token of 200 kB', { token: createStoredToken({ accessToken: 'a'.repeat(200_000) }) }],
    ['another type of token', { token: { ...createStoredToken(), tokenType: 'mac' } }],
    ['an expiry in text', { token: { ...createStoredToken(), expiresAt: '1' } }],
    ['an expiry of 1e400', { token: createStoredToken({ expiresAt: Number.POSITIVE_INFINITY }) }],
    ['a lifetime below zero', { token: createStoredToken({ lifetimeSeconds: -1 }) }],
    ['no time of request', { token: { ...createStoredToken(), requestedAt: undefined } }],
    ['scopes in one text', { token: { ...createStoredToken(), scopes: 'a b' } }],
    ['two scopes in one', { token: createStoredToken({ scopes: ['a b'] }) }],
    ['no requested scopes', { token: { ...createStoredToken(), requestedScopes: undefined } }],
    ['a lease without owner', { lease: { renewingUntil: START } }],
    ['a lease without end', { lease: { owner: 'one' } }],
    ['a failure that is a sentence', { failure: { code: 'click\nhere', failedUntil: START } }],
    ['a failure without end', { failure: { code: 'unavailable', failedUntil: null } }],
  ])('finds that %s is not a record', (_, value) => {
    expect(copyTokenRecord(value)).toBeUndefined();
  });

  it('takes nothing from a prototype', () => {
    expect(copyTokenRecord(JSON.parse('{"__proto__":{"token":{"accessToken":"a"}}}'))).toEqual({});
  });
});

describe('endOfRecord', () => {
  it.each([
    ['the end of the token', { token: createStoredToken({ lifetimeSeconds: 60 }) }, 60_000],
    [
      'its stated expiry',
      { token: createStoredToken({ lifetimeSeconds: undefined, expiresAt: START / 1000 + 90 }) },
      90_000,
    ],
    [
      'five minutes, where nobody stated a lifetime',
      { token: createStoredToken({ lifetimeSeconds: undefined, expiresAt: undefined }) },
      300_000,
    ],
    ['the lease', { lease: { owner: 'one', renewingUntil: START + 10 } }, 10],
    [
      'the last of all',
      { token: createStoredToken(), failure: { code: 'unavailable', failedUntil: START + 400_000 } },
      400_000,
    ],
  ])('is %s', (_, record, milliseconds) => {
    expect(endOfRecord(record)).toBe(START + milliseconds);
  });

  it('is long ago for an empty record', () => {
    expect(endOfRecord({})).toBe(0);
  });
});
