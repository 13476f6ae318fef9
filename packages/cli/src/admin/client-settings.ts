import type { Command } from 'commander';

import { usageError } from '../command-error.ts';
import { collect } from '../connection/connection-options.ts';
import type { components } from './api-types.ts';
import { parseTimeAhead } from './parse-time.ts';

type Access = components['schemas']['ClientAccess'];
type Settings = Omit<components['schemas']['UpdateClient'], 'access'>;

/** The settings of a client as options, the same for a new one and for one that is there. */
export interface ClientSettingsFlags {
  readonly access?: readonly string[];
  readonly label?: string;
  readonly owner?: string;
  readonly description?: string;
  readonly expires?: string;
  readonly tokenLifetime?: string;
  readonly bind?: string;
  readonly address?: readonly string[];
  readonly grant?: readonly string[];
  readonly defaultResource?: string;
  readonly jwksUri?: string;
}

const NONE = 'none';

/** Adds the settings of a client to a command. */
export function addClientSettings(command: Command): Command {
  return command
    .option(
      '-a, --access <resource and scopes>',
      'an MCP server and the scopes there, in one argument separated by spaces; repeat for several',
      collect,
    )
    .option('--label <text>', 'what people call it')
    .option('--owner <text>', 'who answers for it')
    .option('--description <text>', 'what it is for')
    .option('--expires <time>', 'when it ends: a date, a time, or a span such as 90d')
    .option('--token-lifetime <seconds>', 'how long its tokens live, 60 to 86400')
    .option('--bind <how>', 'bind its tokens to a key (dpop) or to its certificate (mtls)')
    .option('--address <network>', 'addresses it may come from; repeat for several', collect)
    .option('--grant <type>', 'a grant it may use; repeat for several (default client_credentials)', collect)
    .option('--default-resource <url>', 'the MCP server that is meant when it names none')
    .option('--jwks-uri <url>', 'where it publishes its public keys');
}

/** What `--access` says, as the server takes it. */
export function parseAccess(given: readonly string[]): readonly Access[] {
  return given.map((text) => {
    const [resource = '', ...scopes] = text.trim().split(/\s+/);
    if (resource === '' || scopes.length === 0) {
      throw usageError(
        '--access must be an MCP server and at least one scope, such as "https://mcp.example.com/mcp deploy:read".',
      );
    }
    return { resource, scopes };
  });
}

/** The other settings; `none` takes one away. */
export function parseSettings(flags: ClientSettingsFlags): Settings {
  const { expires, tokenLifetime, bind, address, grant } = flags;
  const settings: Readonly<Record<string, unknown>> = {
    label: orNull(flags.label),
    owner: orNull(flags.owner),
    description: orNull(flags.description),
    defaultResource: orNull(flags.defaultResource),
    jwksUri: orNull(flags.jwksUri),
    senderConstraint: orNull(bind),
    expiresAt:
      expires === undefined || expires === NONE ? orNull(expires) : parseTimeAhead(expires, '--expires'),
    tokenLifetimeSeconds:
      tokenLifetime === undefined || tokenLifetime === NONE
        ? orNull(tokenLifetime)
        : parseSeconds(tokenLifetime),
    addresses: address?.includes(NONE) === true ? null : address,
    grantTypes: grant,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function orNull(text: string | undefined): string | null | undefined {
  return text === NONE ? null : text;
}

function parseSeconds(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw usageError('--token-lifetime must be a number of seconds, 60 to 86400.');
  return Number(text);
}
