import { DatabaseSync } from 'node:sqlite';

import { AuthorizationServerError } from '../authorization-server-error.ts';
import { makePrivateFile } from './private-file.ts';

/** Held while a process serves from a database file. */
export interface ServingLock {
  release(): void;
}

/**
 * Makes sure that one process alone serves from a database file.
 *
 * The lock is SQLite's own, on a file beside the database (`<database>-lock`), so that the system takes it
 * back from a process that was killed. The file stays, empty: removing it would let two processes lock two
 * different files of the same name.
 *
 * @param databasePath - its real path: a link would have a lock of its own
 * @throws AuthorizationServerError `database_in_use` when another process, or another server of this one, holds it
 */
export function acquireServingLock(databasePath: string): ServingLock {
  const path = `${databasePath}-lock`;
  makePrivateFile(path);
  const database = new DatabaseSync(path);
  try {
    // Nothing is ever written: a journal would only be a second file to guard.
    database.exec('pragma journal_mode = memory; begin exclusive;');
  } catch (cause) {
    database.close();
    throw new AuthorizationServerError(
      'database_in_use',
      `${databasePath} is served by another authorization server already. An SQLite file serves one process at a time: stop the other one, or use another file. Several instances need a PostgreSQL database.`,
      { cause },
    );
  }
  return { release: () => database.close() };
}
