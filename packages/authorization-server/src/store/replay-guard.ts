import { sql, type CompiledQuery } from 'kysely';

import type { Database } from './database.ts';

/** Remembers what may be used only once. */
export interface ReplayGuard {
  /**
   * Records a first use, atomically: of any number of calls with the same id, on any number of instances,
   * exactly one gets true.
   *
   * @param id - what is used, at most once
   * @param expiresAt - seconds since the epoch from when on it would be refused for its age anyway
   */
  use(id: string, expiresAt: number): Promise<boolean>;
}

const PURGE_EVERY = 64;
const PURGE_AT_MOST = 256;
/** A clock that is set back by no more than this makes no difference. */
const KEPT_SECONDS = 60;

/** The row that holds the latest expiry of all rows that were removed; every other id has a space. */
const FORGOTTEN = '(forgotten)';

/**
 * Keeps used ids in the database. Expired ones are removed along the way, a few at a time, so that neither
 * the table nor the pause grows.
 *
 * A clock that was set back would accept again what has been removed. So nothing is used that expires no later
 * than what was removed, and what a clock that leapt ahead calls expired is not removed before that much time
 * has passed.
 *
 * @param now - the clock, in milliseconds
 * @param elapsed - a clock that only ever goes on, in milliseconds
 */
export function createReplayGuard(
  database: Database,
  now: () => number,
  elapsed: () => number = () => performance.now(),
): ReplayGuard {
  // Built once; only its three parameters change.
  const insert = database.prepare(compileInsert(database));
  const offset = now() - elapsed();
  let uses = 0;
  let purging = false;
  return {
    async use(id, expiresAt) {
      if (uses++ % PURGE_EVERY === 0) void purge();
      const expires = Math.ceil(expiresAt);
      const { numAffectedRows } = await insert([id, expires, expires]);
      return numAffectedRows === 1n;
    },
  };

  async function purge(): Promise<void> {
    if (purging) return;
    purging = true;
    try {
      await removeExpired(database, Math.floor(Math.min(now(), elapsed() + offset) / 1000) - KEPT_SECONDS);
    } catch {
      // No request fails for it. The next one tries again.
    } finally {
      purging = false;
    }
  }
}

function compileInsert({ db }: Database): CompiledQuery {
  return db
    .insertInto('replay')
    .columns(['id', 'expires_at_seconds'])
    .expression(
      db
        .selectNoFrom([
          sql<string>`cast(${''} as text)`.as('id'),
          sql<number>`cast(${0} as bigint)`.as('expires_at_seconds'),
        ])
        .where((build) =>
          build.not(
            build.exists(
              build
                .selectFrom('replay')
                .select(build.lit(1).as('one'))
                .where('id', '=', sql.lit(FORGOTTEN))
                .where('expires_at_seconds', '>=', build.val(0)),
            ),
          ),
        ),
    )
    .onConflict((conflict) => conflict.column('id').doNothing())
    .compile();
}

async function removeExpired({ db, dialect }: Database, before: number): Promise<void> {
  const expired = db
    .selectFrom('replay')
    .select('id')
    .where('expires_at_seconds', '<', before)
    .where('id', '!=', FORGOTTEN)
    .limit(PURGE_AT_MOST);
  await db.transaction().execute(async (transaction) => {
    const removed = await transaction
      .deleteFrom('replay')
      // Instances that remove the same rows in another order would wait for each other.
      .where('id', 'in', dialect === 'postgresql' ? expired.forUpdate().skipLocked() : expired)
      .returning('expires_at_seconds')
      .execute();
    if (removed.length === 0) return;
    const latest = Math.max(...removed.map((row) => row.expires_at_seconds));
    await transaction
      .insertInto('replay')
      .values({ id: FORGOTTEN, expires_at_seconds: latest })
      .onConflict((conflict) =>
        conflict
          .column('id')
          .doUpdateSet({ expires_at_seconds: latest })
          .where('replay.expires_at_seconds', '<', latest),
      )
      .execute();
  });
}
