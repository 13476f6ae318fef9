import { printable } from '@mcp-m2m/core';

/** The part of a list that is asked for. */
export interface PageOptions {
  /** Most entries in one page, 1 to 1000; 100 unless given. */
  readonly limit?: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

/** The time that a list is narrowed to. */
export interface PeriodOptions {
  /** ISO 8601, inclusive. */
  readonly from?: string;
  /** ISO 8601, exclusive. */
  readonly to?: string;
}

/** @throws TypeError when it is no whole number from 1 to 1000 */
export function parseLimit(limit: number = 100): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw new TypeError(`limit must be a whole number from 1 to 1000, received ${printable(limit)}.`);
  }
  return limit;
}

/**
 * Reads a point in time.
 *
 * @returns milliseconds since the epoch
 * @throws TypeError naming the option
 */
export function parseInstant(value: string | undefined, option: 'from' | 'to'): number | undefined {
  if (value === undefined) return undefined;
  const instant = typeof value === 'string' && /^\d{4}-/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(instant)) {
    throw new TypeError(
      `${option} must be a time in ISO 8601 such as "2026-01-31T12:00:00Z", received ${printable(value)}.`,
    );
  }
  return instant;
}
