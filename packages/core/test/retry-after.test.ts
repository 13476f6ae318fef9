import { expect, it } from 'vitest';
import { parseRetryAfter } from '../src/retry-after.ts';

const NOW = Date.UTC(2026, 6, 28, 12, 0, 0);

it.each<[string | null | undefined, number | undefined]>([
  ['0', 0],
  [' 120 ', 120],
  ['Tue, 28 Jul 2026 12:00:30 GMT', 30],
  ['Tue, 28 Jul 2026 11:00:00 GMT', 0],
  ['-5', undefined],
  ['1.5', undefined],
  ['1e9', undefined],
  ['soon', undefined],
  ['2026-07-28T12:00:30Z', undefined],
  ['', undefined],
  [null, undefined],
  [undefined, undefined],
])('reads %j as %j seconds', (value, seconds) => {
  expect(parseRetryAfter(value, NOW)).toBe(seconds);
});

it('gives a number that is safe to count with, however long the header', () => {
  expect(parseRetryAfter('9'.repeat(400), NOW) ?? 0).toBeLessThan(Number.MAX_SAFE_INTEGER);
});
