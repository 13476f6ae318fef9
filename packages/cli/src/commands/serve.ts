import { existsSync } from 'node:fs';

import type { Command } from 'commander';

import { CommandError, usageError } from '../command-error.ts';
import { collect } from '../connection/connection-options.ts';
import { openConsole } from '../serve/open-console.ts';
import { prepareDataFolder, type DataFolder } from '../serve/data-folder.ts';
import { describeNextSteps } from '../serve/next-steps.ts';
import type { Terminal } from '../terminal.ts';
import type { RunCommand } from './run-command.ts';

interface ServeFlags {
  readonly data: string;
  readonly databaseUrlEnv: string;
  readonly host: string;
  readonly port: string;
  readonly issuer?: string;
  readonly resource?: readonly string[];
  readonly scope?: readonly string[];
  readonly console: boolean;
  readonly logLevel?: string;
}

/** `serve`: the authorization server with its administration and its console. */
export function addServeCommand(program: Command, run: RunCommand): void {
  program
    .command('serve')
    .summary('run an authorization server with its administration and its console')
    .description(
      'Issues access tokens to machines. At the first start it makes its key and the credential of the first administrator, in files of yours alone, and says what to do next.\nFor a service with a configuration file there is "mcp-m2m-authorization-server" of @mcp-m2m/authorization-server.',
    )
    .option('--data <folder>', 'where database, key and credential are kept', 'mcp-m2m-data')
    .option(
      '--database-url-env <name>',
      'environment variable with the URL of a PostgreSQL database; SQLite in the data folder where it is not set',
      'MCP_M2M_DATABASE_URL',
    )
    .option('--host <address>', 'where it listens', '127.0.0.1')
    .option('--port <port>', 'where it listens', '4000')
    .option('--issuer <url>', 'its public URL (http://localhost:<port> unless given)')
    .option('--resource <url>', 'an MCP server that tokens can be for; repeat for several', collect)
    .option('-s, --scope <scope>', 'a scope of those MCP servers; repeat for several', collect)
    .option('--no-console', 'without the web console')
    .option('--log-level <level>', 'debug, info, warn or error (warn in a terminal, else info)')
    .addHelpText(
      'after',
      `
Examples:
  mcp-m2m serve --resource http://localhost:3000/mcp --scope tools:use
  MCP_M2M_DATABASE_URL=postgresql://… mcp-m2m serve --issuer https://auth.example.com --host 0.0.0.0`,
    )
    .action(run(serve));
}

async function serve(
  terminal: Terminal,
  _positional: readonly (string | undefined)[],
  flags: ServeFlags,
): Promise<number> {
  const { environment, interactive } = terminal;
  const { host, resource = [], scope = [] } = flags;
  if ((resource.length === 0) !== (scope.length === 0)) {
    throw usageError('--resource and --scope belong together: an MCP server, and the scopes it has.');
  }
  const port = parsePort(flags.port);
  const issuer = flags.issuer ?? `http://localhost:${port}`;
  const resources = resource.map((one) => ({ resource: one, scopes: [...scope] }));
  // Loaded only now: much is, and no other command is to wait for it.
  const { readConfiguration, serveUntilStopped } = await import('@mcp-m2m/authorization-server/program');
  const { createEventLog } = await import('@mcp-m2m/authorization-server');
  const data = await prepareDataFolder(flags.data);
  const url = environment[flags.databaseUrlEnv];
  const onPostgresql = url !== undefined && url !== '';
  const configuration = readConfiguration(
    {
      issuer,
      resources,
      database: onPostgresql ? url : data.database,
      secretKeyFile: data.secretKey,
      bootstrapCredentialFile: data.administrator,
      listen: { host, port },
      log: { level: flags.logLevel ?? (interactive ? 'warn' : 'info') },
    },
    {},
  );
  let consoleUrl: string | undefined;
  return await serveUntilStopped(configuration, {
    log: createEventLog({ level: configuration.logLevel }),
    ...(flags.console
      ? {
          beside: async () => {
            const opened = await openConsole(issuer, data);
            consoleUrl = opened.url;
            return opened;
          },
        }
      : {}),
    onListening: (listening) => {
      const words = describeNextSteps({
        issuer,
        url: listening.url,
        consoleUrl,
        folder: data.folder,
        database: onPostgresql ? `PostgreSQL, by ${flags.databaseUrlEnv}` : 'SQLite',
        administrator: administratorOf(data),
        resources,
        program: environment.npm_command === 'exec' ? 'npx mcp-m2m' : 'mcp-m2m',
      });
      terminal.err.write(`${words}\n`);
    },
  }).catch((error: unknown) => explain(error, host, port));
}

/** The file of the first start, while it is there: whoever has an administrator of their own has removed it. */
function administratorOf({ administrator }: DataFolder): string | undefined {
  return existsSync(administrator) ? administrator : undefined;
}

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535) return Number(text);
  throw usageError('--port must be a whole number from 1 to 65535.');
}

function explain(error: unknown, host: string, port: number): never {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    throw new CommandError(
      `It cannot listen at ${host}, port ${port} (${code}): name another one with --port or --host.`,
    );
  }
  if (error instanceof Error && error.name === 'AuthorizationServerError') throw new CommandError(message);
  throw error;
}
