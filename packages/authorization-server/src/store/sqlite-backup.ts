import { existsSync, renameSync, rmSync } from 'node:fs';
import { backup, type DatabaseSync } from 'node:sqlite';

import { AuthorizationServerError } from '../authorization-server-error.ts';
import { makePrivateFile } from './private-file.ts';

/** Copied in one go, between two of which requests are answered: a quarter of a megabyte. */
const PAGES_AT_A_TIME = 64;

/**
 * Copies a database to a file while it serves; what is changed meanwhile is in the copy as well.
 *
 * The copy is readable by its owner alone, and has its name only once it is whole.
 *
 * @param database - what to copy
 * @param path - a file that does not exist
 * @throws AuthorizationServerError `backup_not_possible` when there is such a file, or it cannot be written
 */
export async function backUpSqlite(database: DatabaseSync, path: string): Promise<void> {
  if (existsSync(path)) {
    throw new AuthorizationServerError(
      'backup_not_possible',
      `${path} exists: name a file that does not, so that no backup is overwritten.`,
    );
  }
  const unfinished = `${path}.unfinished`;
  try {
    rmSync(unfinished, { force: true });
    makePrivateFile(unfinished);
    await backup(database, unfinished, { rate: PAGES_AT_A_TIME });
    renameSync(unfinished, path);
  } catch (cause) {
    rmSync(unfinished, { force: true });
    const reason = cause instanceof Error ? cause.message : 'unknown failure';
    throw new AuthorizationServerError('backup_not_possible', `${path} cannot be written: ${reason}.`, {
      cause,
    });
  }
}
