import { sanitizeText } from '@mcp-m2m/core';
import type { Client } from '@modelcontextprotocol/client';
import type { Command } from 'commander';

import { addConnectionOptions, type ConnectionFlags } from '../connection/connection-options.ts';
import { withSession } from '../connection/open-session.ts';
import { resolveConnection } from '../connection/resolve-connection.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { withProgress } from '../progress.ts';
import { writeResult, type Terminal } from '../terminal.ts';
import { parseJsonObject } from './json-argument.ts';
import type { RunCommand } from './run-command.ts';

type ToolResult = Awaited<ReturnType<Client['callTool']>>;

const MOST_CHARACTERS = 1_000_000;

/** `call URL TOOL [JSON]`: calls one tool. */
export function addCallCommand(program: Command, run: RunCommand): void {
  addConnectionOptions(program.command('call <url> <tool> [arguments]'))
    .summary('call a tool of an MCP server')
    .description(
      'Calls a tool and prints its result. The URL may be "-" where a profile has it. Exit code 1: the tool failed; 4: the server refused the call.',
    )
    .option('--json', 'print the result as the server gives it')
    .addHelpText(
      'after',
      `
Examples:
  mcp-m2m call https://mcp.example.com/mcp list_deployments --profile nightly
  mcp-m2m call - start_deployment '{"service":"web","environment":"staging"}' --profile nightly`,
    )
    .action(run(callTool));
}

async function callTool(
  terminal: Terminal,
  [url, tool = '', json]: readonly (string | undefined)[],
  flags: ConnectionFlags & { readonly json?: boolean },
): Promise<number> {
  const values = parseJsonObject(json, 'The arguments');
  const connection = await resolveConnection(url === '-' ? undefined : url, flags, terminal);
  const result = await withProgress(terminal, `Calling ${sanitizeText(tool, 80)}`, () =>
    withSession(connection, terminal.signal, (client) =>
      client.callTool({ name: tool, arguments: values ?? {} }, { signal: terminal.signal }),
    ),
  );
  writeResult(terminal, flags.json === true, result, () => describe(result));
  return result.isError === true ? EXIT_CODES.failed : EXIT_CODES.done;
}

/** Text as it is, but for what could forge lines of the terminal; of other content, what it is. */
function describe({ content, structuredContent }: ToolResult): string {
  const parts = content.map((part) =>
    part.type === 'text'
      ? part.text
          .split('\n')
          .map((line) => sanitizeText(line.replaceAll('\t', '    '), MOST_CHARACTERS))
          .join('\n')
      : `(${part.type})`,
  );
  if (parts.length === 0 && structuredContent !== undefined)
    return JSON.stringify(structuredContent, undefined, 2);
  return parts.join('\n');
}
