import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { onTestFinished } from 'vitest';

/** The built program. */
export const PROGRAM = path.join(path.dirname(fileURLToPath(import.meta.url)), '../dist/main.js');

/** The program as a process. */
export interface RunningProgram {
  readonly process: ChildProcessWithoutNullStreams;
  out(): string;
  err(): string;
  /** Waits until it has written this to standard error. */
  says(words: string | RegExp): Promise<void>;
  /** Waits for its end. */
  exited(): Promise<number | null>;
}

/** Starts the program; it is killed at the end of the test, should it still run. */
export function startProgram(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  cwd?: string,
): RunningProgram {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { PATH: process.env.PATH, MCP_M2M_CONFIG: '/nonexistent/config.json', ...environment },
    ...(cwd === undefined ? {} : { cwd }),
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const written = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (written.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (written.err += chunk.toString()));
  const closed = once(child, 'close');
  return {
    process: child,
    out: () => written.out,
    err: () => written.err,
    async says(words) {
      const pattern =
        typeof words === 'string'
          ? new RegExp(words.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
          : words;
      while (!pattern.test(written.err)) {
        await Promise.race([once(child.stderr, 'data'), closed]);
        if (child.exitCode !== null && !pattern.test(written.err)) throw new Error(written.err + written.out);
      }
    },
    async exited() {
      await closed;
      return child.exitCode;
    },
  };
}
