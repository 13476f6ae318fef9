import { existsSync, realpathSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

import { CompiledQuery, Kysely, SqliteDialect, sql, type Transaction } from 'kysely';

import { AuthorizationServerError } from '../authorization-server-error.ts';
import type { Database } from './database.ts';
import { unusableDatabase } from './database-target.ts';
import { migrate } from './migrations/migrate.ts';
import { adaptNodeSqlite } from './node-sqlite.ts';
import { makePrivateFile } from './private-file.ts';
import type { Schema } from './schema.ts';
import { acquireServingLock, type ServingLock } from './serving-lock.ts';
import { backUpSqlite } from './sqlite-backup.ts';
import { createStatementRunner } from './sqlite-statements.ts';

// Every token request by assertion writes a row. Copying the journal into the database every 4000 pages, not
// every 1000, copies most pages once instead of several times; the journal stays below some 16 MB.
const PRAGMAS = `pragma busy_timeout = 5000; pragma journal_mode = wal; pragma synchronous = normal;
  pragma wal_autocheckpoint = 4000;`;

/**
 * Opens an SQLite database, creating and migrating it where needed.
 *
 * The file and those beside it are readable by their owner alone, or made so. Outside
 * {@link Database.transact} a write survives the death of the process but not a power failure.
 *
 * @param path - a file, or `:memory:`
 * @throws AuthorizationServerError `database_in_use`, `database_newer` or `database_unusable`
 */
export async function openSqliteDatabase(path: string): Promise<Database> {
  let file = path;
  let lock: ServingLock | undefined;
  let sqlite: DatabaseSync | undefined;
  try {
    if (path !== ':memory:') {
      makePrivateFile(path);
      // Links are other names of the same file, which one process serves.
      file = realpathSync(path);
      lock = acquireServingLock(file);
      // SQLite gives new journal files the permissions of the database; these are of a process that was killed.
      for (const journal of [`${file}-wal`, `${file}-shm`]) if (existsSync(journal)) makePrivateFile(journal);
    }
    const opened = new DatabaseSync(file);
    sqlite = opened;
    sqlite.exec(PRAGMAS);
    const adapted = adaptNodeSqlite(sqlite);
    const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: adapted }) });
    await migrate(db, 'sqlite');
    const runStatement = createStatementRunner(
      sqlite,
      adapted,
      async (text, parameters) => await db.executeQuery(CompiledQuery.raw(text, [...parameters])),
    );
    const held = lock;
    return {
      dialect: 'sqlite',
      db,
      transact: (work) => runDurably(db, work),
      prepare: (query) => async (parameters) => await runStatement(query.sql, parameters),
      backup: (destination) => backUpSqlite(opened, destination),
      async close() {
        await db.destroy();
        held?.release();
      },
    };
  } catch (cause) {
    sqlite?.close();
    lock?.release();
    if (cause instanceof AuthorizationServerError) throw cause;
    throw unusableDatabase(
      path,
      'It must be a file this process may create, or one this package created.',
      cause,
    );
  }
}

async function runDurably<T>(
  db: Kysely<Schema>,
  work: (transaction: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  return await db.connection().execute(async (connection) => {
    await sql`pragma synchronous = full`.execute(connection);
    try {
      return await connection.transaction().execute(work);
    } finally {
      await sql`pragma synchronous = normal`.execute(connection);
    }
  });
}
