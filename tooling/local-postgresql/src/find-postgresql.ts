import { existsSync, readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';

const NEEDED = ['initdb', 'postgres'];

/** Folders with one folder per version inside, as Debian and Homebrew have them. */
const BY_VERSION = [
  { parent: '/usr/lib/postgresql', bin: 'bin' },
  { parent: '/opt/homebrew/opt', bin: 'bin' },
  { parent: '/usr/local/opt', bin: 'bin' },
];

/**
 * Finds the folder of PostgreSQL's programs: that of the PATH, else the newest version among the usual places.
 *
 * Debian keeps `initdb` and `postgres` off the PATH.
 *
 * @throws Error saying how to install it, when there is none
 */
export function findPostgresql(): string {
  const onPath = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const found = [...onPath, ...versionedFolders()].find((folder) =>
    NEEDED.every((program) => existsSync(path.join(folder, program))),
  );
  if (found === undefined) {
    throw new Error('This needs the programs of PostgreSQL, for example from `apt-get install postgresql`.');
  }
  // Where a link leads are the others as well, such as pg_dump.
  return path.dirname(realpathSync(path.join(found, 'postgres')));
}

function versionedFolders(): string[] {
  return BY_VERSION.flatMap(({ parent, bin }) => {
    if (!existsSync(parent)) return [];
    const versions = readdirSync(parent).filter((name) => /^(?:postgresql@?)?\d*$/.test(name));
    const newestFirst = versions.toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }));
    return newestFirst.map((version) => path.join(parent, version, bin));
  });
}
