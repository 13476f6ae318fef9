import type { Database } from '../store/database.ts';

/** Removes what is older than it is to be kept, now and every hour. */
export interface Retention {
  stop(): void;
}

const DAY = 86_400_000;
const EVERY_MS = 3_600_000;
const ROWS_AT_ONCE = 500;

/**
 * Starts the removal of entries of the audit trail, and of usage, by their age: the only thing that ever
 * removes one.
 *
 * @param database - where they are
 * @param days - how long they are kept
 * @param now - the clock, in milliseconds
 * @param onFailure - told when the database cannot be written
 */
export function startRetention(
  { db }: Database,
  days: number,
  now: () => number,
  onFailure: (error: unknown) => void,
): Retention {
  let stopped = false;
  const isStopped = () => stopped;

  async function purge(): Promise<void> {
    const before = now() - days * DAY;
    await db.deleteFrom('usage_hours').where('hour', '<', before).execute();
    for (let removed = ROWS_AT_ONCE; removed === ROWS_AT_ONCE && !isStopped();) {
      const { numDeletedRows } = await db
        .deleteFrom('audit_events')
        .where('id', 'in', (query) =>
          query.selectFrom('audit_events').select('id').where('at', '<', before).limit(ROWS_AT_ONCE),
        )
        .executeTakeFirstOrThrow();
      removed = Number(numDeletedRows);
      // Token requests in between.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  const run = () => {
    purge().catch((error: unknown) => {
      if (!stopped) onFailure(error);
    });
  };
  run();
  const timer = setInterval(run, EVERY_MS).unref();
  return {
    stop() {
      stopped = true;
      clearInterval(timer);
    },
  };
}
