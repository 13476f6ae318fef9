import type { Command } from 'commander';

import {
  addClientOptions,
  addProfileOption,
  timeoutOption,
  type ClientFlags,
} from '../connection/connection-options.ts';

/** The options that every administrative command has. */
export interface AdminFlags extends ClientFlags {
  readonly profile?: string;
  readonly timeout: number;
  readonly json?: boolean;
}

/** The options of a command that changes what somebody else may have changed meanwhile. */
export interface RevisionFlags {
  readonly revision?: string;
}

/** The options of a command that cannot be undone. */
export interface ConfirmationFlags {
  readonly yes?: boolean;
}

/** Adds the options that every administrative command has: how to reach the server, as whom, and `--json`. */
export function addAdminOptions(command: Command): Command {
  command.option('--json', 'print JSON').optionsGroup('Administrator:');
  addProfileOption(command);
  addClientOptions(command).addOption(timeoutOption());
  for (const option of command.options) {
    if (option.long === '--credential-file') {
      option.description =
        'JSON file with issuer, client id and secret, as it is written at the first start (MCP_M2M_ADMIN_CREDENTIAL_FILE)';
    }
  }
  return command.optionsGroup('Options:');
}

/** Adds `--revision`. */
export function addRevisionOption(command: Command): Command {
  return command.option(
    '--revision <revision>',
    'refuse when it has changed since "show" printed this revision',
  );
}

/** Adds `--yes`. */
export function addConfirmationOption(command: Command): Command {
  return command.option('-y, --yes', 'do it without asking');
}
