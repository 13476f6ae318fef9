import { parseArgs } from 'node:util';

/** What the program was called with. */
export interface CommandLine {
  readonly config: string | undefined;
  readonly checkConfig: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

/** What `--help` prints. */
export const HELP = `Usage: mcp-m2m-authorization-server [--config <file>] [--check-config]

Issues access tokens to machines that call MCP servers.

  --config <file>   configuration, a JSON file; MCP_M2M_CONFIG unless given
  --check-config    tell every mistake of the configuration, and stop
  --version         print the version
  --help            print this

Environment, each before the same setting of the file:
  MCP_M2M_SECRET_KEY            key that protects secrets and signing keys, at least 32 random bytes
  MCP_M2M_SECRET_KEY_FILE       file that holds it              (secretKeyFile)
  MCP_M2M_ISSUER                public URL of this server       (issuer)
  MCP_M2M_DATABASE              SQLite file or PostgreSQL URL   (database)
  MCP_M2M_HOST, MCP_M2M_PORT    where it listens                (listen.host, listen.port)
  MCP_M2M_OPERATIONS_HOST, MCP_M2M_OPERATIONS_PORT
                                where it serves /metrics        (operations.host, operations.port)
  MCP_M2M_TRUSTED_PROXIES       addresses, between commas       (trustedProxies)
  MCP_M2M_LOG_LEVEL             debug, info, warn, error        (log.level)

Exit codes: 0 stopped as asked, 1 failed, 2 wrong configuration or arguments.
`;

/**
 * Reads the arguments. None of them is a secret: arguments are seen by everybody on the machine.
 *
 * @throws TypeError when there is an argument that is not known
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: false,
    options: {
      config: { type: 'string' },
      'check-config': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      version: { type: 'boolean', default: false },
    },
  });
  return {
    config: values.config,
    checkConfig: values['check-config'],
    help: values.help,
    version: values.version,
  };
}
