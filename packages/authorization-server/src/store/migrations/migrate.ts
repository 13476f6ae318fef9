import type { Kysely, Transaction } from 'kysely';

import { AuthorizationServerError } from '../../authorization-server-error.ts';
import { waitForOtherWriters } from '../postgresql-writers.ts';
import type { Schema } from '../schema.ts';
import {
  createClientTables,
  createRecordTables,
  createServerTables,
  createTrustTables,
  createWithdrawalTables,
} from './create-tables.ts';

/** The databases that are supported. */
export type DatabaseDialect = 'sqlite' | 'postgresql';

/** One step from a version of the tables to the next. */
export type Migration = (transaction: Transaction<Schema>, dialect: DatabaseDialect) => Promise<void>;

/** In order, for ever: a published migration is never changed, only followed by another. */
const MIGRATIONS: readonly Migration[] = [
  createClientTables,
  createServerTables,
  createTrustTables,
  createWithdrawalTables,
  createRecordTables,
];

/**
 * Brings the tables up to this version, in one transaction. A second migrator waits: on SQLite for `begin
 * immediate`, on PostgreSQL for a lock.
 *
 * @throws AuthorizationServerError `database_newer` when a newer version of this package wrote the database
 */
export async function migrate(db: Kysely<Schema>, dialect: DatabaseDialect): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    if (dialect === 'postgresql') await waitForOtherWriters(transaction);
    await transaction.schema
      .createTable('schema_version')
      .ifNotExists()
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('version', 'integer', (column) => column.notNull())
      .execute();
    const row = await transaction.selectFrom('schema_version').select('version').executeTakeFirst();
    const version = row?.version ?? 0;
    if (version > MIGRATIONS.length) {
      throw new AuthorizationServerError(
        'database_newer',
        `The database has schema version ${version}, this package knows versions up to ${MIGRATIONS.length}. Use the newer version of @mcp-m2m/authorization-server that wrote it, or restore a backup from before.`,
      );
    }
    if (version === MIGRATIONS.length) return;
    for (const migration of MIGRATIONS.slice(version)) await migration(transaction, dialect);
    await transaction.deleteFrom('schema_version').execute();
    await transaction.insertInto('schema_version').values({ id: 1, version: MIGRATIONS.length }).execute();
  });
}
