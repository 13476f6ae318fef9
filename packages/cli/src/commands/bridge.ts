import { sanitizeText } from '@mcp-m2m/core';
import type { Command } from 'commander';

import { runBridge } from '../bridge/bridge.ts';
import { addConnectionOptions, type ConnectionFlags } from '../connection/connection-options.ts';
import { fetchOf } from '../connection/open-session.ts';
import { resolveConnection } from '../connection/resolve-connection.ts';
import { EXIT_CODES } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';
import type { RunCommand } from './run-command.ts';

/** `bridge URL`: an MCP server on stdio that is the protected one behind HTTP. */
export function addBridgeCommand(program: Command, run: RunCommand): void {
  addConnectionOptions(program.command('bridge [url]'))
    .summary('serve a protected MCP server on stdio, for clients without OAuth')
    .description(
      'Speaks MCP on stdin and stdout and forwards it to the server, with a token that is renewed in time.\nFor any client that starts servers by a command line and knows no OAuth.',
    )
    .addHelpText(
      'after',
      `
Example, in the configuration of a client:
  { "mcpServers": { "deploy-desk": { "command": "mcp-m2m", "args": ["bridge", "--profile", "nightly"] } } }`,
    )
    .action(run(bridge));
}

async function bridge(
  terminal: Terminal,
  [url]: readonly (string | undefined)[],
  flags: ConnectionFlags,
): Promise<number> {
  const connection = await resolveConnection(url, flags, terminal);
  await runBridge({
    url: connection.url,
    fetch: fetchOf(connection),
    terminal,
    onWarning: (message) => terminal.err.write(`mcp-m2m bridge: ${sanitizeText(message, 500)}\n`),
  });
  return EXIT_CODES.done;
}
