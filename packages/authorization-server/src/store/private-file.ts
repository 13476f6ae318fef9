import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs';

const OTHERS = 0o077;

/**
 * Creates a file that its owner alone can read, or takes the permissions of everybody else from one that is
 * there.
 *
 * One that is there is not opened: on closing it, the system would take back the locks that SQLite holds on it
 * in this process.
 *
 * @throws Error when the file belongs to another user, who would keep access to it
 * @see {@link https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_ | How To Corrupt An SQLite Database File §2.2}
 */
export function makePrivateFile(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
  if ((statSync(path).mode & OTHERS) !== 0) chmodSync(path, 0o600);
}
