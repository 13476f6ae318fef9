import { readFileSync } from 'node:fs';

/** The user and group a process runs as; empty for those of this process. */
export interface ProcessUser {
  readonly uid?: number;
  readonly gid?: number;
}

const CANDIDATES = ['postgres', 'nobody'];

/**
 * Whom to run PostgreSQL as: it refuses to run as root.
 *
 * @returns nothing to change, unless this process is root's
 */
export function unprivilegedUser(): ProcessUser {
  if (process.getuid?.() !== 0) return {};
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const candidate of CANDIDATES) {
    const account = accounts.find(([name]) => name === candidate);
    if (account !== undefined) return { uid: Number(account[2]), gid: Number(account[3]) };
  }
  throw new Error('PostgreSQL does not run as root, and there is no user "postgres" to run it as.');
}
