import type { AdminSchemas } from '../api/calls.ts';

type Hours = AdminSchemas['UsagePage']['hours'];

/** Tokens of one client over time. */
export interface UsageSeries {
  readonly name: string;
  /** By bucket. */
  readonly counts: readonly number[];
  readonly total: number;
}

/** Tokens by client and stretch of time. */
export interface UsageChartData {
  /** Beginnings of the stretches, in milliseconds. */
  readonly buckets: readonly number[];
  readonly issued: readonly UsageSeries[];
  readonly refused: readonly number[];
  readonly mostPerBucket: number;
}

const HOUR_MS = 3_600_000;
/** As many clients as can be told apart; the rest is one series. */
const MOST_SERIES = 4;

/**
 * Puts hours into stretches of time, the busiest clients first.
 *
 * @param days - how far back
 * @param bucketHours - how long a stretch is
 */
export function groupUsage(hours: Hours, days: number, bucketHours: number, now: number): UsageChartData {
  const size = bucketHours * HOUR_MS;
  const count = Math.ceil((days * 24) / bucketHours);
  const last = Math.floor(now / size) * size;
  const buckets = Array.from({ length: count }, (_, index) => last - (count - 1 - index) * size);
  const first = buckets[0] ?? last;
  const byClient = new Map<string, number[]>();
  const refused = buckets.map(() => 0);
  for (const { hour, clientId = 'unknown client', issued, refused: refusals } of hours) {
    const index = Math.floor((Date.parse(hour) - first) / size);
    if (index < 0 || index >= count) continue;
    refused[index] = (refused[index] ?? 0) + refusals;
    if (issued === 0) continue;
    const counts = byClient.get(clientId) ?? buckets.map(() => 0);
    counts[index] = (counts[index] ?? 0) + issued;
    byClient.set(clientId, counts);
  }
  const series = [...byClient]
    .map(([name, counts]) => ({ name, counts, total: sum(counts) }))
    .toSorted((one, other) => other.total - one.total);
  const others = series.slice(MOST_SERIES);
  const issued = series.slice(0, MOST_SERIES);
  if (others.length > 0) {
    const counts = buckets.map((_, index) => sum(others.map((one) => one.counts[index] ?? 0)));
    issued.push({ name: `${others.length} others`, counts, total: sum(counts) });
  }
  const heights = buckets.map(
    (_, index) => sum(issued.map(({ counts }) => counts[index] ?? 0)) + (refused[index] ?? 0),
  );
  return { buckets, issued, refused, mostPerBucket: Math.max(1, ...heights) };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
