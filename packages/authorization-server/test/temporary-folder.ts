import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach } from 'vitest';

const PREFIX = 'authorization-server-';

/** Creates a folder that is removed after the test, whether or not it passes. */
export function createTemporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

function removeFolders(isMine: (owner: number) => boolean): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = name.startsWith(PREFIX) ? /^\d+(?=-)/.exec(name.slice(PREFIX.length))?.[0] : undefined;
    if (owner !== undefined && isMine(Number(owner))) {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    }
  }
}

function isGone(processId: number): boolean {
  try {
    return !process.kill(processId, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

const removeOwn = () => removeFolders((owner) => owner === process.pid);
afterEach(removeOwn);
process.once('exit', removeOwn);
// A run that was killed came to neither.
removeFolders(isGone);
