import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { SECRET_KEY } from '../running-server.ts';

/** A process that has loaded everything and waits for the word to serve. */
export interface ServingProcess {
  /** Resolves once it waits. */
  readonly standingBy: Promise<unknown>;
  /** Begins to serve; resolves to where, or to undefined when it died before. */
  readonly serve: () => Promise<string | undefined>;
  /** Kills it with SIGKILL. */
  readonly kill: () => Promise<void>;
  /** Lets it end by itself, before it serves. */
  readonly dismiss: () => Promise<void>;
}

const children = new Set<ChildProcess>();

/**
 * Forks a process that serves from a database on request.
 *
 * @param compileCache - a folder where the first process to end leaves what the others need not compile again
 */
export function forkServingProcess(database: string, issuer: string, compileCache?: string): ServingProcess {
  const child = fork(new URL('./serving-process.ts', import.meta.url), [database, SECRET_KEY, issuer], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: compileCache === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: compileCache },
  });
  children.add(child);
  const exited = once(child, 'exit');
  const endedEarly = exited.then(() => {
    throw new Error('the process ended before it could serve');
  });
  const standingBy = Promise.race([once(child, 'message'), endedEarly]);
  // Whoever waits for it is told.
  standingBy.catch(() => undefined);
  return {
    standingBy,
    async serve() {
      await standingBy;
      const serving = once(child, 'message');
      child.send('serve');
      const first = await Promise.race([serving, exited.then(() => undefined)]);
      return (first as [{ origin: string }] | undefined)?.[0].origin;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
      children.delete(child);
    },
    async dismiss() {
      await standingBy;
      child.disconnect();
      await exited;
      children.delete(child);
    },
  };
}

/** Kills those that are left. */
export function killServingProcesses(): void {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
}
