import { sanitizeText } from '@mcp-m2m/core';
import type { Command } from 'commander';

import { addConnectionOptions, type ConnectionFlags } from '../connection/connection-options.ts';
import { withSession } from '../connection/open-session.ts';
import { resolveConnection } from '../connection/resolve-connection.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { withProgress } from '../progress.ts';
import { writeResult, type Terminal } from '../terminal.ts';
import { listTools, type Tool } from './list-tools.ts';
import type { RunCommand } from './run-command.ts';

/** `tools URL`: lists the tools. */
export function addToolsCommand(program: Command, run: RunCommand): void {
  addConnectionOptions(program.command('tools [url]'))
    .summary('list the tools of an MCP server')
    .option('--json', 'print the tools as the server describes them')
    .addHelpText('after', '\nExample:\n  mcp-m2m tools --profile nightly')
    .action(run(printTools));
}

async function printTools(
  terminal: Terminal,
  [url]: readonly (string | undefined)[],
  flags: ConnectionFlags & { readonly json?: boolean },
): Promise<number> {
  const connection = await resolveConnection(url, flags, terminal);
  const tools = await withProgress(terminal, 'Listing the tools', () =>
    withSession(connection, terminal.signal, listTools),
  );
  writeResult(terminal, flags.json === true, { tools }, () =>
    tools.length === 0 ? 'The server has no tools for this caller.' : tools.map(describe).join('\n'),
  );
  return EXIT_CODES.done;
}

function describe({ name, description, inputSchema }: Tool): string {
  const required = new Set((inputSchema as { required?: readonly string[] }).required ?? []);
  const parameters = Object.keys((inputSchema as { properties?: object }).properties ?? {})
    .map((parameter) => sanitizeText(required.has(parameter) ? parameter : `${parameter}?`, 60))
    .join(', ');
  const words = description === undefined ? '' : `\n    ${sanitizeText(description, 300)}`;
  return `${sanitizeText(name, 120)}(${parameters})${words}`;
}
