import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import password from '@inquirer/password';

import { CommandError, usageError } from '../command-error.ts';
import { EXIT_CODES } from '../exit-code.ts';
import type { SecretReference } from '../profiles/profile.ts';
import type { Terminal } from '../terminal.ts';

const COMMAND_TIMEOUT_MILLISECONDS = 30_000;

/**
 * Reads a secret from where it is. It comes by environment, file, command or prompt, and never by argument, where
 * every user of the machine could read it.
 *
 * @throws CommandError naming the source, never what it holds
 */
export async function readSecret(
  reference: SecretReference,
  what: string,
  terminal: Terminal,
): Promise<string> {
  const value = (await readFrom(reference, what, terminal)).replace(/\r?\n$/, '');
  if (value === '') throw usageError(`The ${what} is empty (${describeReference(reference)}).`);
  return value;
}

/** Says where a secret is. */
export function describeReference(reference: SecretReference): string {
  if ('env' in reference) return `environment variable ${reference.env}`;
  if ('file' in reference) return `file ${reference.file}`;
  return 'command' in reference ? `command ${reference.command[0]}` : 'prompt';
}

async function readFrom(reference: SecretReference, what: string, terminal: Terminal): Promise<string> {
  if ('env' in reference) {
    const value = terminal.environment[reference.env];
    if (value === undefined) throw usageError(`Set ${reference.env} to the ${what}.`);
    return value;
  }
  if ('file' in reference) {
    try {
      return await readFile(reference.file, 'utf8');
    } catch (error) {
      throw usageError(
        `The ${what} cannot be read from ${reference.file} (${(error as NodeJS.ErrnoException).code ?? 'failure'}).`,
      );
    }
  }
  if ('command' in reference) {
    const [program, ...rest] = reference.command;
    try {
      const options = { timeout: COMMAND_TIMEOUT_MILLISECONDS, maxBuffer: 65_536, signal: terminal.signal };
      const { stdout } = await promisify(execFile)(program, rest, options);
      return stdout;
    } catch (error) {
      // What the command wrote may be the secret.
      const { code } = error as { code?: number | string };
      throw new CommandError(
        `The command ${program}, which gives the ${what}, failed (${typeof code === 'number' ? `exit code ${code}` : (code ?? 'failure')}).`,
        EXIT_CODES.noToken,
      );
    }
  }
  if (!terminal.interactive) {
    throw usageError(
      `Nobody is here to be asked for the ${what}: name an environment variable, a file or a command.`,
    );
  }
  return await password(
    { message: `${what}:`, mask: true },
    { input: terminal.in, output: terminal.err, signal: terminal.signal },
  );
}
