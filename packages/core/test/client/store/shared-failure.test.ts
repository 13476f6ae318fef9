import { describe, expect, it } from 'vitest';
import { isStanding, sharedFailureOf } from '../../../src/client/store/shared-failure.ts';
import {
  TokenAcquisitionError,
  type TokenAcquisitionErrorCode,
} from '../../../src/client/token-acquisition-error.ts';
import { START } from './stored-token.ts';

function createError(code: TokenAcquisitionErrorCode, retryAfterSeconds?: number, retryAt?: Date) {
  return new TokenAcquisitionError(code, {
    step: 'token_request',
    resource: 'https://mcp.example.com/mcp',
    server: 'https://auth.example.com/token',
    expected: 'a token',
    received: 'status 503',
    retryAfterSeconds,
    retryAt,
  });
}

describe('sharedFailureOf', () => {
  it.each([
    ['what Retry-After asks', createError('unavailable', 20), 20_000],
    ['until retryAt', createError('unavailable', 20, new Date(START + 7000)), 7000],
    ['one second where nothing was said', createError('unavailable'), 1000],
    ['at least one second', createError('unavailable', 0, new Date(START - 50)), 1000],
    ['at most five minutes', createError('unavailable', 86_400), 300_000],
  ])('tells the others to wait: %s', (_, error, milliseconds) => {
    expect(sharedFailureOf(error, START)).toEqual({
      code: 'unavailable',
      failedUntil: START + milliseconds,
    });
  });

  it.each([
    'unreachable',
    'timeout',
    'invalid_client',
    'invalid_grant',
    'client_authentication_failed',
    'metadata_unavailable',
  ] as const)('keeps to itself what may be its own trouble: %s', (code) => {
    expect(sharedFailureOf(createError(code, 20), START)).toBeUndefined();
  });

  it('keeps to itself what is no failure of an acquisition', () => {
    expect(sharedFailureOf(new TypeError('unavailable'), START)).toBeUndefined();
    expect(sharedFailureOf({ code: 'unavailable' }, START)).toBeUndefined();
  });
});

describe('isStanding', () => {
  it.each([
    [1, true],
    [300_000, true],
    [0, false],
    [-1, false],
    [300_001, false],
    [9e15, false],
  ])('judges a failure that ends in %d ms: %s', (milliseconds, stands) => {
    expect(isStanding({ code: 'unavailable', failedUntil: START + milliseconds }, START)).toBe(stands);
  });

  it('stands nowhere without a failure', () => {
    expect(isStanding(undefined, START)).toBe(false);
  });
});
