import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { ProcessUser } from './unprivileged-user.ts';

const PREFIX = 'local-postgresql-';

/** Makes a folder for a cluster, named for this process, and removes those of processes that were killed. */
export function createClusterFolder({ uid, gid }: ProcessUser): string {
  removeLeftovers();
  const folder = mkdtempSync(path.join(tmpdir(), `${PREFIX}${process.pid}-`));
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  return folder;
}

/** Removes a cluster's folder, with what is still being written to it. */
export function removeClusterFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = name.startsWith(PREFIX) ? /^\d+(?=-)/.exec(name.slice(PREFIX.length))?.[0] : undefined;
    if (owner === undefined || isRunning(Number(owner))) continue;
    const folder = path.join(tmpdir(), name);
    killCluster(folder);
    removeClusterFolder(folder);
  }
}

/** Its first line is the process id of the server, the second its folder, which tells a reused id apart. */
function killCluster(folder: string): void {
  const data = path.join(folder, 'data');
  try {
    const [processId = '', served] = readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n');
    const command = readFileSync(`/proc/${processId}/cmdline`, 'latin1');
    if (served === data && command.includes(data)) process.kill(Number(processId), 'SIGKILL');
  } catch {
    // It is not running.
  }
}

function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
