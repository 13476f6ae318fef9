import type { Command } from 'commander';

import { administering, type Administration } from '../../admin/administer.ts';
import { ifMatch, idempotencyKey } from '../../admin/admin-api.ts';
import {
  addAdminOptions,
  addConfirmationOption,
  addRevisionOption,
  type AdminFlags,
  type ConfirmationFlags,
  type RevisionFlags,
} from '../../admin/admin-options.ts';
import { describeClient, listedClient, type Client } from '../../admin/client-view.ts';
import { confirm } from '../../admin/confirm.ts';
import { readEveryPage } from '../../admin/every-page.ts';
import { expectAnswer, expectDone } from '../../admin/expect-answer.ts';
import { formatTable } from '../../admin/table.ts';
import type { RunCommand } from '../run-command.ts';
import { addCreateClientCommand } from './create-client.ts';
import { addUpdateClientCommand } from './update-client.ts';

interface ListFlags extends AdminFlags {
  readonly state?: 'enabled' | 'disabled';
  readonly method?: 'secret' | 'private_key_jwt' | 'workload';
  readonly resource?: string;
  readonly owner?: string;
  readonly search?: string;
}

type ChangeFlags = AdminFlags & RevisionFlags;

/** `clients list|show|create|update|disable|enable|delete`: the machines that may get tokens. */
export function addClientsCommand(program: Command, run: RunCommand): void {
  const clients = program
    .command('clients')
    .summary('the machines that may get tokens')
    .description('Registers the machines that may get tokens, says which there are, and stops them.');
  addAdminOptions(clients.command('list'))
    .summary('list clients')
    .option('--search <text>', 'part of the id, label, owner or description')
    .option('--state <state>', 'enabled or disabled')
    .option('--method <method>', 'how they authenticate: secret, private_key_jwt or workload')
    .option('--resource <url>', 'those that may use this MCP server')
    .option('--owner <owner>', 'those of this owner')
    .addHelpText('after', '\nExample:\n  mcp-m2m clients list --search report --profile admin')
    .action(run(administering(listClients)));
  addAdminOptions(clients.command('show <client>'))
    .summary('show a client, with its revision')
    .addHelpText('after', '\nExample:\n  mcp-m2m clients show nightly-report --profile admin')
    .action(run(administering(showClient)));
  addCreateClientCommand(clients, run);
  addUpdateClientCommand(clients, run);
  addRevisionOption(addConfirmationOption(addAdminOptions(clients.command('disable <client>'))))
    .summary('stop a client: it gets no tokens, and what it holds is revoked')
    .addHelpText('after', '\nExample:\n  mcp-m2m clients disable nightly-report --profile admin --yes')
    .action(run(administering(disableClient)));
  addRevisionOption(addAdminOptions(clients.command('enable <client>')))
    .summary('let a client get tokens again')
    .addHelpText('after', '\nExample:\n  mcp-m2m clients enable nightly-report --profile admin')
    .action(run(administering(enableClient)));
  addRevisionOption(addConfirmationOption(addAdminOptions(clients.command('delete <client>'))))
    .summary('delete a client with its secrets and keys; what it holds is revoked')
    .addHelpText('after', '\nExample:\n  mcp-m2m clients delete nightly-report --profile admin --yes')
    .action(run(administering(deleteClient)));
}

async function listClients(
  { api, terminal, wait, write }: Administration,
  _positional: readonly string[],
  { state, method, resource, owner, search }: ListFlags,
): Promise<undefined> {
  const given = Object.entries({ state, method, resource, owner, search });
  const filters = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  const clients = await wait('Listing the clients', () =>
    readEveryPage<Client>(async (after) => {
      const query = { ...filters, limit: 1000, ...(after === undefined ? {} : { after }) };
      const page = await expectAnswer(api.GET('/admin/v1/clients', { params: { query } }));
      return { entries: page.clients, next: page.nextAfter };
    }),
  );
  write({ clients }, () =>
    clients.length === 0
      ? 'There is no such client; register one with "mcp-m2m clients create".'
      : formatTable(listedClient, clients, terminal.width),
  );
}

async function showClient(
  { api, write }: Administration,
  [clientId = '']: readonly string[],
): Promise<undefined> {
  const client = await expectAnswer(
    api.GET('/admin/v1/clients/{clientId}', { params: { path: { clientId } } }),
  );
  write(client, () => describeClient(client));
}

async function disableClient(
  { api, terminal, write, tell }: Administration,
  [clientId = '']: readonly string[],
  flags: ChangeFlags & ConfirmationFlags,
): Promise<undefined> {
  await confirm(terminal, flags, `The client ${clientId} will get no tokens, and what it holds is revoked.`);
  const header = { ...idempotencyKey(), ...ifMatch(flags.revision) };
  const client = await expectAnswer(
    api.POST('/admin/v1/clients/{clientId}/disable', { params: { path: { clientId }, header } }),
  );
  tell(`Client ${clientId} is disabled.`);
  if (flags.json === true) write(client, () => '');
}

async function enableClient(
  { api, write, tell }: Administration,
  [clientId = '']: readonly string[],
  flags: ChangeFlags,
): Promise<undefined> {
  const header = { ...idempotencyKey(), ...ifMatch(flags.revision) };
  const client = await expectAnswer(
    api.POST('/admin/v1/clients/{clientId}/enable', { params: { path: { clientId }, header } }),
  );
  tell(`Client ${clientId} is enabled.`);
  if (flags.json === true) write(client, () => '');
}

async function deleteClient(
  { api, terminal, tell }: Administration,
  [clientId = '']: readonly string[],
  flags: ChangeFlags & ConfirmationFlags,
): Promise<undefined> {
  await confirm(
    terminal,
    flags,
    `The client ${clientId} is deleted with its secrets and keys, and what it holds is revoked.`,
  );
  const header = ifMatch(flags.revision);
  await expectDone(api.DELETE('/admin/v1/clients/{clientId}', { params: { path: { clientId }, header } }));
  tell(`Client ${clientId} is deleted.`);
}
