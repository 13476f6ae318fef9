import type { CompiledQuery, Kysely, QueryResult, Transaction } from 'kysely';

import { parseDatabase, type DatabaseTarget } from './database-target.ts';
import { openPostgresqlDatabase } from './postgresql-database.ts';
import type { DatabaseDialect } from './migrations/migrate.ts';
import type { Schema } from './schema.ts';
import { openSqliteDatabase } from './sqlite-database.ts';

/** Runs a query with other parameters, in the order of the text's. */
export type PreparedQuery<T> = (parameters: readonly unknown[]) => Promise<QueryResult<T>>;

/** An open, migrated database. */
export interface Database {
  readonly dialect: DatabaseDialect;
  readonly db: Kysely<Schema>;
  /**
   * Runs changes in one transaction that, once it returns, survives a power failure.
   *
   * Such transactions run one after another, those of all instances: what one reads, no other changes before
   * it is over. One must not begin within another.
   */
  readonly transact: <T>(work: (transaction: Transaction<Schema>) => Promise<T>) => Promise<T>;
  /**
   * Makes a function of a query's parameters, planned once per connection: for the few queries that every token
   * request makes.
   */
  readonly prepare: <T>(query: CompiledQuery<T>) => PreparedQuery<T>;
  /**
   * Copies a database in a file to another file while it serves.
   *
   * @throws AuthorizationServerError `backup_not_possible`
   */
  readonly backup: (path: string) => Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a database, creating its tables or bringing them up to this version where needed.
 *
 * @param database - the option `database`, parsed or not
 * @throws AuthorizationServerError `database_in_use`, `database_newer` or `database_unusable`
 */
export async function openDatabase(database: DatabaseTarget | string): Promise<Database> {
  const target = typeof database === 'string' ? parseDatabase(database) : database;
  return target.dialect === 'sqlite'
    ? await openSqliteDatabase(target.path)
    : await openPostgresqlDatabase(target.connection);
}
