import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { usageError } from '../command-error.ts';

/** Where the authorization server keeps what it has to keep. Absolute paths. */
export interface DataFolder {
  readonly folder: string;
  readonly database: string;
  readonly secretKey: string;
  readonly administrator: string;
  /** The console's saved connections. */
  readonly connections: string;
}

/**
 * Makes the folder ready, readable by its owner alone: at the first start it gets the key that protects secrets and
 * signing keys.
 *
 * @throws CommandError when the folder cannot be used, or holds a database whose key is missing
 */
export async function prepareDataFolder(given: string): Promise<DataFolder> {
  const folder = path.resolve(given);
  const at = (name: string): string => path.join(folder, name);
  const files = {
    folder,
    database: at('auth.sqlite'),
    secretKey: at('secret-key'),
    administrator: at('administrator.json'),
    connections: at('connections.sqlite'),
  };
  if (existsSync(files.database) && !existsSync(files.secretKey)) {
    throw usageError(
      `${files.secretKey} is missing, and ${files.database} opens with no other key. Put it back, or start with a new folder.`,
    );
  }
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const key = `${randomBytes(48).toString('base64')}\n`;
    await writeFile(files.secretKey, key, { mode: 0o600, flag: 'wx', flush: true }).catch(unlessThere);
  } catch (error) {
    throw usageError(
      `The data folder ${folder} cannot be used (${(error as NodeJS.ErrnoException).code ?? 'failure'}).`,
    );
  }
  return files;
}

function unlessThere(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
}
