import { printable } from '@mcp-m2m/core';

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Reads a point in time that has to be in the future, such as `2027-01-31T12:00:00Z`.
 *
 * @param value - ISO 8601 with its offset from UTC
 * @param option - the option's name, for the message
 * @param now - milliseconds
 * @returns milliseconds
 * @throws TypeError naming the option
 */
export function parseFutureTime(value: unknown, option: string, now: number): number {
  const time = typeof value === 'string' && ISO_TIME.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new TypeError(
      `${option} must be a time such as "2027-01-31T12:00:00Z", with its offset from UTC, received ${printable(value)}.`,
    );
  }
  if (time <= now) throw new TypeError(`${option} must be in the future, received ${printable(value)}.`);
  return time;
}

/** A stored time as ISO 8601. */
export function toIsoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** A stored time that may be missing, as ISO 8601. */
export function toOptionalIsoTime(milliseconds: number | null | undefined): string | undefined {
  return milliseconds === undefined || milliseconds === null ? undefined : toIsoTime(milliseconds);
}
