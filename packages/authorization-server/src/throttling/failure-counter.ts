import { sql } from 'kysely';

import type { Database } from '../store/database.ts';

/** What one more failure led to. */
export interface CountedFailure {
  readonly failures: number;
  /** Milliseconds since the epoch; not in the future when nothing is blocked. */
  readonly blockedUntil: number;
}

/** Counts failures in the database, so that all instances count together. */
export interface FailureCounter {
  /**
   * Counts a failure, atomically.
   *
   * @param id - what failed
   * @param limit - from how many failures on it is blocked
   */
  count(id: string, limit: number): Promise<CountedFailure>;
}

/** Dependencies of {@link createFailureCounter}. */
export interface FailureCounterOptions {
  readonly windowSeconds: number;
  readonly blockSeconds: number;
  /** The clock, in milliseconds. */
  readonly now: () => number;
}

const PURGE_EVERY = 64;
const PURGE_AT_MOST = 256;

/**
 * Makes the counter of failed authentications.
 *
 * A count begins anew once the window is over and, after a block, once as long again has passed without a
 * failure; until then every further failure blocks again. What the clock says of a row is believed only where
 * it can be so: a row from the future is a new one. Rows that no longer matter are removed along the way.
 */
export function createFailureCounter(
  { db }: Database,
  { windowSeconds, blockSeconds, now }: FailureCounterOptions,
): FailureCounter {
  const [window, block] = [windowSeconds * 1000, blockSeconds * 1000];
  let counted = 0;
  return {
    async count(id, limit) {
      const at = now();
      if (counted++ % PURGE_EVERY === 0) await purge(at);
      const over = sql<boolean>`(throttled.since > ${at} or throttled.blocked_until > ${at + block} or
        (throttled.since <= ${at - window} and throttled.blocked_until <= ${at - window}))`;
      const failures = sql<number>`case when ${over} then 1 else throttled.failures + 1 end`;
      const { failures: total, blocked_until } = await db
        .insertInto('throttled')
        .values({ id, failures: 1, since: at, blocked_until: limit <= 1 ? at + block : 0 })
        .onConflict((conflict) =>
          conflict.column('id').doUpdateSet({
            failures,
            since: sql<number>`case when ${over} then ${at} else throttled.since end`,
            // PostgreSQL would take the type of the zero, which is too narrow.
            blocked_until: sql<number>`case when ${failures} >= ${limit} then cast(${at + block} as bigint) else 0 end`,
          }),
        )
        .returning(['failures', 'blocked_until'])
        .executeTakeFirstOrThrow();
      return { failures: total, blockedUntil: blocked_until };
    },
  };

  async function purge(at: number): Promise<void> {
    const kept = window + block;
    await db
      .deleteFrom('throttled')
      .where('id', 'in', (query) =>
        query
          .selectFrom('throttled')
          .select('id')
          .where((row) =>
            row.or([
              row.and([row('since', '<', at - kept), row('blocked_until', '<', at - kept)]),
              row('since', '>', at + kept),
            ]),
          )
          .limit(PURGE_AT_MOST),
      )
      .execute();
  }
}
