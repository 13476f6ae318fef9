import { Kysely, PostgresDialect, type Transaction } from 'kysely';

import { AuthorizationServerError } from '../authorization-server-error.ts';
import type { Database } from './database.ts';
import { unusableDatabase } from './database-target.ts';
import { migrate } from './migrations/migrate.ts';
import type { PostgresqlConnection } from './postgresql-connection.ts';
import { createPostgresqlPool, type PostgresqlPool } from './postgresql-pool.ts';
import { waitForOtherWriters } from './postgresql-writers.ts';
import type { Schema } from './schema.ts';

/** A migration may rewrite tables, and waits for those of other instances. */
const MIGRATION_TIMEOUT_SECONDS = 600;

/**
 * Opens a PostgreSQL database that several instances may share, creating its tables where needed.
 *
 * Every write is durable when it returns. A crash of PostgreSQL takes seconds, and an assertion that was used
 * before it lives on for minutes: were its row lost, as with `synchronous_commit = off`, it would be accepted
 * again. (SQLite loses nothing when a process crashes, only with the power of the machine.)
 *
 * @throws AuthorizationServerError `database_newer` or `database_unusable`
 */
export async function openPostgresqlDatabase(connection: PostgresqlConnection): Promise<Database> {
  try {
    const migrating = {
      ...connection,
      maxConnections: 1,
      statementTimeoutSeconds: MIGRATION_TIMEOUT_SECONDS,
    };
    const once = openKysely(createPostgresqlPool(migrating));
    try {
      await migrate(once, 'postgresql');
    } finally {
      await once.destroy();
    }
  } catch (cause) {
    if (cause instanceof AuthorizationServerError) throw cause;
    throw unusableDatabase(
      connection.name,
      'It must be a PostgreSQL database that can be reached, and a user who may create tables in it.',
      cause,
    );
  }
  const pool = createPostgresqlPool(connection);
  const db = openKysely(pool);
  return {
    dialect: 'postgresql',
    db,
    transact: createTransact(db),
    prepare: (query) => pool.prepare(query),
    async backup() {
      throw new AuthorizationServerError(
        'backup_not_possible',
        `The database is PostgreSQL's: back it up with pg_dump, which works while this server does.`,
      );
    },
    close: async () => await db.destroy(),
  };
}

function openKysely(pool: PostgresqlPool): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
}

function createTransact(db: Kysely<Schema>): Database['transact'] {
  let last: Promise<unknown> = Promise.resolve();
  return async <T>(work: (transaction: Transaction<Schema>) => Promise<T>) => {
    // Those of this process wait here, not each on a connection that token requests could use.
    const done = last.then(
      async () =>
        await db.transaction().execute(async (transaction) => {
          await waitForOtherWriters(transaction);
          return await work(transaction);
        }),
    );
    last = done.catch(() => undefined);
    return await done;
  };
}
