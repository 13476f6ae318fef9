import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { Command } from 'commander';

import { addConnectionOptions, type ConnectionFlags } from '../connection/connection-options.ts';
import { tokenSourceOf } from '../connection/open-session.ts';
import { resolveConnection } from '../connection/resolve-connection.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { withProgress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { usageError } from '../command-error.ts';
import type { RunCommand } from './run-command.ts';

interface TokenFlags extends ConnectionFlags {
  readonly decode?: boolean;
  readonly json?: boolean;
}

/** `token URL`: prints an access token, or what stands in it. */
export function addTokenCommand(program: Command, run: RunCommand): void {
  addConnectionOptions(program.command('token [url]'))
    .summary('print an access token for an MCP server, or its decoded claims')
    .description(
      'Requests an access token and prints it, and nothing else: for a pipe or a header. Who sees it can use it.',
    )
    .option('--decode', 'print header and claims instead of the token (not verified)')
    .option(
      '--json',
      'print JSON: the token with its type, expiry and scopes; with --decode, header and claims',
    )
    .addHelpText(
      'after',
      `
Examples:
  mcp-m2m token --profile nightly
  curl -H "Authorization: Bearer $(mcp-m2m token --profile nightly)" https://mcp.example.com/mcp
  mcp-m2m token https://mcp.example.com/mcp --issuer https://auth.example.com --client-id nightly --key-file key.pem --decode`,
    )
    .action(run(printToken));
}

async function printToken(
  terminal: Terminal,
  [url]: readonly (string | undefined)[],
  flags: TokenFlags,
): Promise<number> {
  const connection = await resolveConnection(url, flags, terminal);
  if (connection.dpop !== undefined && flags.decode !== true) {
    throw usageError(
      'A token bound to a key made for this run is of no use afterwards; add --decode to look at one.',
    );
  }
  const token =
    connection.token === undefined
      ? await withProgress(terminal, 'Requesting a token', () =>
          tokenSourceOf(connection).getToken({ signal: terminal.signal }),
        )
      : { accessToken: connection.token, tokenType: 'Bearer', expiresAt: undefined, scopes: [] };
  terminal.out.write(`${describe(token, flags)}\n`);
  return EXIT_CODES.done;
}

interface Held {
  readonly accessToken: string;
  readonly tokenType: string;
  readonly expiresAt: number | undefined;
  readonly scopes: readonly string[];
}

function describe({ accessToken, tokenType, expiresAt, scopes }: Held, { decode, json }: TokenFlags): string {
  if (decode === true) {
    const decoded = decodeToken(accessToken);
    return JSON.stringify(decoded, undefined, 2);
  }
  if (json !== true) return accessToken;
  return JSON.stringify(
    {
      access_token: accessToken,
      token_type: tokenType,
      ...(expiresAt === undefined ? {} : { expires_at: new Date(expiresAt * 1000).toISOString() }),
      scope: scopes.join(' '),
    },
    undefined,
    2,
  );
}

function decodeToken(token: string): { header: object; claims: object } {
  try {
    return { header: decodeProtectedHeader(token), claims: decodeJwt(token) };
  } catch {
    throw usageError(
      'The token is opaque: only the authorization server can tell what stands in it (introspection).',
    );
  }
}
