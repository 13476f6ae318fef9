import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { onTestFinished } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../../src/bin.ts', import.meta.url));

/** The program, as somebody would start it. */
export interface RunningProgram {
  readonly process: ChildProcess;
  /** Lines of its log so far. */
  readonly lines: Record<string, unknown>[];
  /** Everything it wrote, to both outputs. */
  output(): string;
  /** Waits until a line of the log has this message. */
  line(message: string): Promise<Record<string, unknown>>;
  /** Waits for its end. */
  exited(): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Starts the program; it is killed at the end of the test, should it still run. */
export function startProgram(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  cwd?: string,
): RunningProgram {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, ...args], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const lines: Record<string, unknown>[] = [];
  let text = '';
  let rest = '';
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const check of waiting) check();
  };
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    const pieces = (rest + chunk.toString()).split('\n');
    rest = pieces.pop() ?? '';
    for (const piece of pieces) {
      if (piece.startsWith('{')) lines.push(JSON.parse(piece) as Record<string, unknown>);
    }
    wake();
  });
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  // Once the streams are read to their end, too.
  const ended = once(child, 'close').then(([code, signal]) => {
    wake();
    return { code: code as number | null, signal: signal as NodeJS.Signals | null };
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    process: child,
    lines,
    output: () => text,
    exited: async () => await ended,
    line: async (message) =>
      await new Promise((resolve, reject) => {
        const check = () => {
          const found = lines.find(({ msg }) => msg === message);
          if (found !== undefined) resolve(found);
          else if (child.exitCode !== null) reject(new Error(`ended before "${message}": ${text}`));
          else return;
          waiting.delete(check);
        };
        waiting.add(check);
        check();
      }),
  };
}
