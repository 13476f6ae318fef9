import type { Readable, Writable } from 'node:stream';

/** Where a command reads and writes: the process's own, or those of a test. */
export interface Terminal {
  /** For results alone, so that they can be piped. */
  readonly out: Writable;
  /** For everything people are told meanwhile. */
  readonly err: Writable;
  readonly in: Readable;
  readonly environment: NodeJS.ProcessEnv;
  /** Whether `err` is watched by a person: progress is shown and questions are asked only then. */
  readonly interactive: boolean;
  readonly color: boolean;
  readonly width: number;
  readonly signal: AbortSignal;
}

/**
 * The terminal of this process. Colours give way to `NO_COLOR`.
 *
 * @param signal - ends what the command does
 * @see {@link https://no-color.org | NO_COLOR}
 */
export function processTerminal(signal: AbortSignal): Terminal {
  const { stdout, stderr, stdin, env } = process;
  return {
    out: stdout,
    err: stderr,
    in: stdin,
    environment: env,
    interactive: stderr.isTTY && stdin.isTTY,
    color: stdout.isTTY && (env.NO_COLOR ?? '') === '',
    width: stdout.columns ?? 100,
    signal,
  };
}

/** Writes a result: JSON in one document with `--json`, else the lines that people read. */
export function writeResult(terminal: Terminal, json: boolean, document: unknown, lines: () => string): void {
  terminal.out.write(`${json ? JSON.stringify(document, undefined, 2) : lines()}\n`);
}
