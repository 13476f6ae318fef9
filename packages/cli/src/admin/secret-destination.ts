import { open, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

import type { Command } from 'commander';

import { usageError } from '../command-error.ts';
import { formatCredentialFile, type CredentialFile } from '../connection/credential-file.ts';
import type { Administration } from './administer.ts';

/** Where a secret that is shown once goes. */
export interface SecretFlags {
  readonly secretOut?: string;
  readonly credentialOut?: string;
}

/** A new secret, and the rest of the answer that has it. */
export interface NewSecret {
  readonly credential: CredentialFile;
  readonly document: object;
  readonly json: boolean;
}

/** Where a secret goes, made ready before there is one. */
export interface SecretDestination {
  /** Hands the secret over: to its file, or to standard output alone. */
  reveal(created: NewSecret): Promise<void>;
  /** Leaves nothing behind where no secret came. */
  abandon(): Promise<void>;
}

/** Adds the options that say where a secret goes. */
export function addSecretOptions(command: Command): Command {
  return command
    .option('--secret-out <path>', 'write the secret into this new file, readable by you alone')
    .option(
      '--credential-out <path>',
      'write issuer, client id and secret into this new file, for --credential-file',
    );
}

/**
 * Makes ready where a secret goes: a secret that is shown once must not be lost because its file cannot be written.
 *
 * @throws CommandError when the file is there already, or cannot be made
 */
export async function openSecretDestination(
  { secretOut, credentialOut }: SecretFlags,
  { terminal, write, tell }: Administration,
): Promise<SecretDestination> {
  if (secretOut !== undefined && credentialOut !== undefined) {
    throw usageError('A secret goes to one place: give --secret-out or --credential-out.');
  }
  const file = secretOut ?? credentialOut;
  if (file === undefined) {
    return {
      async reveal({ credential: { clientSecret }, document, json }) {
        if (json) write({ ...document, secret: clientSecret }, () => '');
        else terminal.out.write(`${clientSecret}\n`);
        tell('This is the secret; it is shown this once and cannot be read again.');
      },
      abandon: async () => undefined,
    };
  }
  const handle = await create(file);
  return {
    async reveal({ credential, document, json }) {
      await handle.writeFile(
        secretOut === undefined ? formatCredentialFile(credential) : `${credential.clientSecret}\n`,
      );
      await handle.sync();
      await handle.close();
      if (json) write(document, () => '');
      tell(`The secret is in ${path.resolve(file)}, which you alone can read; it cannot be read again here.`);
    },
    async abandon() {
      await handle.close();
      await rm(file, { force: true });
    },
  };
}

async function create(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx', 0o600);
  } catch (error) {
    const { code = 'failure' } = error as NodeJS.ErrnoException;
    throw usageError(
      code === 'EEXIST'
        ? `${file} is there already; secrets overwrite nothing.`
        : `${file} cannot be written (${code}).`,
    );
  }
}
