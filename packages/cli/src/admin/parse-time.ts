import { usageError } from '../command-error.ts';

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const EXPECTED = 'a time such as 2027-01-31 or 2027-01-31T12:00:00Z, or a span such as 30m, 12h, 90d or 4w';

/**
 * Reads a time ahead: a date, a time, or how long from now.
 *
 * @param flag - how it is called on the command line
 * @returns it in ISO 8601, in UTC
 * @throws CommandError for another form
 */
export function parseTimeAhead(text: string, flag: string, now: number = Date.now()): string {
  return parseTime(text, flag, (span) => now + span);
}

/** Reads a time that is past: a date, a time, or how long ago. */
export function parseTimePast(text: string, flag: string, now: number = Date.now()): string {
  return parseTime(text, flag, (span) => now - span);
}

function parseTime(text: string, flag: string, at: (span: number) => number): string {
  const [, amount, unit] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  if (amount !== undefined && unit !== undefined) {
    return new Date(at(Number(amount) * (UNITS[unit] ?? 0))).toISOString();
  }
  const time = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(time)) throw usageError(`${flag} must be ${EXPECTED}.`);
  return new Date(time).toISOString();
}
