import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** A program that runs JavaScript. */
export type RuntimeName = 'Bun' | 'Deno';

const folderOf = (name: string): string =>
  path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));

const COMMANDS: Readonly<Record<RuntimeName, () => readonly string[]>> = {
  Bun: () => [path.join(folderOf('bun'), 'bin/bun.exe'), 'run', '--no-install'],
  Deno: () => [
    path.join(folderOf('deno'), process.platform === 'win32' ? 'deno.exe' : 'deno'),
    'run',
    '--no-lock',
    '--cached-only',
    '--node-modules-dir=manual',
    '--allow-net=127.0.0.1',
    '--allow-read',
    '--allow-env',
  ],
};

/** A script that runs in Bun or Deno. */
export interface RunningScript extends AsyncDisposable {
  /** The first line that it wrote. */
  readonly firstLine: string;
}

/** Runs a script until it is disposed of. */
export async function runScript(
  runtime: RuntimeName,
  script: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningScript> {
  const [command = '', ...parameters] = COMMANDS[runtime]();
  const child = spawn(command, [...parameters, path.join(import.meta.dirname, script)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DENO_NO_UPDATE_CHECK: '1', DO_NOT_TRACK: '1', ...env },
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = once(child, 'exit');
  const lines = createInterface(child.stdout);
  const first = once(lines, 'line') as Promise<[string]>;
  const [firstLine] = await Promise.race([
    first,
    ended.then(() => Promise.reject(new Error(`${runtime} ended: ${errors}`))),
  ]);
  return {
    firstLine,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
