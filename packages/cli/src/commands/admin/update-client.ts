import type { Command } from 'commander';

import { administering, type Administration } from '../../admin/administer.ts';
import { ifMatch } from '../../admin/admin-api.ts';
import {
  addAdminOptions,
  addRevisionOption,
  type AdminFlags,
  type RevisionFlags,
} from '../../admin/admin-options.ts';
import { describeClient, type Client } from '../../admin/client-view.ts';
import {
  addClientSettings,
  parseAccess,
  parseSettings,
  type ClientSettingsFlags,
} from '../../admin/client-settings.ts';
import { expectAnswer } from '../../admin/expect-answer.ts';
import { usageError } from '../../command-error.ts';
import { collect } from '../../connection/connection-options.ts';
import type { RunCommand } from '../run-command.ts';

interface UpdateFlags extends AdminFlags, RevisionFlags, ClientSettingsFlags {
  readonly removeAccess?: readonly string[];
}

type Access = Client['access'];

/** `clients update`: changes what is named, and leaves the rest. */
export function addUpdateClientCommand(clients: Command, run: RunCommand): void {
  addRevisionOption(addClientSettings(addAdminOptions(clients.command('update <client>'))))
    .summary('change a client')
    .description(
      'Changes what is named and leaves the rest. --access replaces the scopes at that MCP server; "none" takes a setting away. Refused when somebody else changes the client at the same time.',
    )
    .option('--remove-access <url>', 'take an MCP server from it; repeat for several', collect)
    .addHelpText(
      'after',
      `
Examples:
  mcp-m2m clients update nightly-report --owner data-platform --expires 90d
  mcp-m2m clients update nightly-report --access "https://mcp.example.com/mcp deploy:read deploy:write" --revision 6b1f0c1e`,
    )
    .action(run(administering(updateClient)));
}

async function updateClient(
  { api, write, tell }: Administration,
  [clientId = '']: readonly string[],
  flags: UpdateFlags,
): Promise<undefined> {
  const { access = [], removeAccess = [] } = flags;
  const settings = parseSettings(flags);
  const further = parseAccess(access);
  const changesAccess = further.length > 0 || removeAccess.length > 0;
  if (Object.keys(settings).length === 0 && !changesAccess) {
    throw usageError('Say what is to change, such as --label or --access.');
  }
  const path = { clientId };
  const current = await expectAnswer(api.GET('/admin/v1/clients/{clientId}', { params: { path } }));
  const changed = await expectAnswer(
    api.PATCH('/admin/v1/clients/{clientId}', {
      params: { path, header: ifMatch(flags.revision ?? current.revision) },
      body: {
        ...settings,
        ...(changesAccess ? { access: changeAccess(current.access, further, removeAccess) } : {}),
      },
    }),
  );
  tell(`Client ${clientId} is changed.`);
  write(changed, () => describeClient(changed));
}

function changeAccess(
  current: Access,
  further: readonly Access[number][],
  removed: readonly string[],
): Access {
  const unknown = removed.find((resource) => !current.some((one) => one.resource === resource));
  if (unknown !== undefined) throw usageError(`--remove-access: it has none at ${unknown}.`);
  const gone = new Set([...removed, ...further.map(({ resource }) => resource)]);
  return [...current.filter(({ resource }) => !gone.has(resource)), ...further];
}
