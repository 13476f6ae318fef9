import type { Database } from './database.ts';

/** Remembers what may be used only once. */
export interface ReplayGuard {
  /**
   * Records a first use, atomically: of any number of calls with the same id, exactly one gets true.
   *
   * @param id - what is used, at most once
   * @param expiresAt - seconds since the epoch from when on it would be refused for its age anyway
   */
  use(id: string, expiresAt: number): Promise<boolean>;
}

const PURGE_EVERY = 64;
const PURGE_AT_MOST = 256;

/**
 * Keeps used ids in the database. Expired ones are removed along the way, a few at a time, so that neither
 * the table nor the pause grows.
 *
 * @param now - the clock, in milliseconds
 */
export function createReplayGuard({ db }: Database, now: () => number): ReplayGuard {
  // Built once; only the parameters change, in the order of the columns.
  const insert = db
    .insertInto('replay')
    .values({ id: '', expires_at: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .compile();
  let uses = 0;
  return {
    async use(id, expiresAt) {
      if (uses++ % PURGE_EVERY === 0) await purge();
      const { numAffectedRows } = await db.executeQuery({ ...insert, parameters: [id, expiresAt] });
      return numAffectedRows === 1n;
    },
  };

  async function purge(): Promise<void> {
    await db
      .deleteFrom('replay')
      .where('id', 'in', (query) =>
        query
          .selectFrom('replay')
          .select('id')
          .where('expires_at', '<', Math.floor(now() / 1000))
          .limit(PURGE_AT_MOST),
      )
      .execute();
  }
}
