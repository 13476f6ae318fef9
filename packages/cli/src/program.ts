import { Command, CommanderError } from 'commander';

import { addAuditCommand } from './commands/admin/audit.ts';
import { addClientKeysCommand } from './commands/admin/client-keys.ts';
import { addClientsCommand } from './commands/admin/clients.ts';
import { addKeysCommand } from './commands/admin/keys.ts';
import { addResourcesCommand } from './commands/admin/resources.ts';
import { addSecretsCommand } from './commands/admin/secrets.ts';
import { addTrustCommand } from './commands/admin/trust.ts';
import { addUsageCommand } from './commands/admin/usage.ts';
import { addBridgeCommand } from './commands/bridge.ts';
import { addCallCommand } from './commands/call.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addInitCommand } from './commands/init.ts';
import type { RunCommand } from './commands/run-command.ts';
import { addProfileCommand } from './commands/profile.ts';
import { addServeCommand } from './commands/serve.ts';
import { addTokenCommand } from './commands/token.ts';
import { addToolsCommand } from './commands/tools.ts';
import { EXIT_CODES } from './exit-code.ts';
import { explainFailure } from './explain-failure.ts';
import type { Terminal } from './terminal.ts';
import { readVersion } from './version.ts';

const DESCRIPTION = `Machine-to-machine OAuth for the Model Context Protocol: diagnose connections, get tokens, call
tools, bridge to stdio, and administer machine credentials.`;

const EXIT_CODES_HELP = `
Secrets come by environment, file, command or prompt, never by argument.

Exit codes: 0 done; 1 tried, and it did not work; 2 wrong command line or configuration; 3 no token;
4 the server refused; 130 interrupted.`;

type AddCommand = (program: Command, run: RunCommand) => void;

/** In the order of the help. */
const COMMANDS: readonly (readonly [group: string, readonly AddCommand[]])[] = [
  [
    'Connections:',
    [addDoctorCommand, addTokenCommand, addToolsCommand, addCallCommand, addBridgeCommand, addProfileCommand],
  ],
  ['Servers:', [addServeCommand, addInitCommand]],
  [
    'Administration of an authorization server:',
    [
      addClientsCommand,
      addSecretsCommand,
      addClientKeysCommand,
      addResourcesCommand,
      addTrustCommand,
      addKeysCommand,
      addAuditCommand,
      addUsageCommand,
    ],
  ],
];

/**
 * Runs the command line and returns the exit code.
 *
 * @param args - without the names of the program
 */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: number = EXIT_CODES.done;
  const run: RunCommand =
    (action) =>
    async (...handed) => {
      // Commander hands over the arguments, then the flags, then the command.
      const flags = handed.at(-2) as never;
      exitCode = await action(terminal, handed.slice(0, -2) as (string | undefined)[], flags);
    };
  const program = new Command('mcp-m2m')
    .description(DESCRIPTION)
    .version(readVersion(), '--version', 'print the version')
    .showHelpAfterError('(add --help for the options and examples)')
    .showSuggestionAfterError()
    .addHelpText('after', EXIT_CODES_HELP)
    .configureOutput({
      writeOut: (text) => terminal.out.write(text),
      writeErr: (text) => terminal.err.write(text),
      getOutHelpWidth: () => terminal.width,
      getErrHelpWidth: () => terminal.width,
    })
    .exitOverride();
  for (const [group, commands] of COMMANDS) {
    program.commandsGroup(group);
    for (const add of commands) add(program, run);
  }
  for (const command of allCommands(program)) command.copyInheritedSettings(program).exitOverride();
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage;
    }
    const { message, exitCode: code } = explainFailure(error, terminal.signal);
    terminal.err.write(`${message}\n`);
    return code;
  }
}

function allCommands(command: Command): readonly Command[] {
  return command.commands.flatMap((child) => [child, ...allCommands(child)]);
}
