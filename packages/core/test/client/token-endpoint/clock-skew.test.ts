import { describe, expect, it } from 'vitest';
import { describeClockSkew } from '../../../src/client/token-endpoint/clock-skew.ts';

const DATE = 'Mon, 02 Nov 2026 12:00:00 GMT';
const SERVER = Date.parse(DATE);

/** The skew seen when the answer took `took` milliseconds and the clock here is `offset` milliseconds ahead. */
const seen = (offset: number, took = 100) => describeClockSkew(DATE, SERVER + offset, SERVER + offset + took);

describe('the clock of a server', () => {
  it.each([
    [32_000, '31 seconds ahead of'],
    [90_999, '90 seconds ahead of'],
    [600_999, '10 minutes ahead of'],
    [3 * 3_600_000, '3 hours ahead of'],
    [30 * 86_400_000, '30 days ahead of'],
    [-31_100, '31 seconds behind'],
    [-600_100, '10 minutes behind'],
    [-5 * 3_600_000, '5 hours behind'],
  ])('%i ms away is told of in words', (offset, words) => {
    expect(seen(offset)).toBe(
      `The clock here is ${words} the server's, by the Date of its answer: synchronise both with a time server.`,
    );
  });

  it.each([0, 30_000, 31_998, -30_000, -31_000])('%i ms away is not remarkable', (offset) => {
    expect(seen(offset)).toBeUndefined();
  });

  it('is not blamed for the time that an answer took', () => {
    expect(seen(-120_000, 120_000)).toBeUndefined();
    expect(seen(0, 120_000)).toBeUndefined();
    expect(seen(-120_000, 60_000)).toContain('60 seconds behind');
  });

  it.each([
    ['absent', null],
    ['undefined', undefined],
    ['empty', ''],
    ['a number', '0'],
    ['an ISO date', '2026-01-02T12:00:00Z'],
    ['of another zone', 'Mon, 02 Nov 2026 12:00:00 +0100'],
    ['there twice', `${DATE}, ${DATE}`],
    ['no day of the calendar', 'Mon, 99 Nov 2026 12:00:00 GMT'],
    ['long', `${DATE}${' '.repeat(10_000)}x`],
  ])('is not judged where the header is %s', (_, header) => {
    expect(describeClockSkew(header, 0, 100)).toBeUndefined();
  });

  it('is not judged where the time here is unknown', () => {
    expect(describeClockSkew(DATE, Number.NaN, Number.NaN)).toBeUndefined();
    expect(describeClockSkew(DATE, SERVER, Number.NaN)).toBeUndefined();
  });
});
