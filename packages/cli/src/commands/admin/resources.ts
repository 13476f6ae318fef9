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
import { confirm } from '../../admin/confirm.ts';
import { readEveryPage } from '../../admin/every-page.ts';
import { expectAnswer, expectDone } from '../../admin/expect-answer.ts';
import { resourceIdOf } from '../../admin/resource-id.ts';
import { describeResource, listedResource, type Resource } from '../../admin/resource-view.ts';
import { formatTable } from '../../admin/table.ts';
import { usageError } from '../../command-error.ts';
import { collect } from '../../connection/connection-options.ts';
import type { RunCommand } from '../run-command.ts';
import { addImportToolsCommand } from './import-tools.ts';

interface SettingsFlags extends AdminFlags {
  readonly scope?: readonly string[];
  readonly label?: string;
}

interface DeleteFlags extends AdminFlags, RevisionFlags, ConfirmationFlags {
  readonly removeAccess?: boolean;
}

/** `resources list|show|create|update|delete|import-tools`: the MCP servers that tokens can be for. */
export function addResourcesCommand(program: Command, run: RunCommand): void {
  const resources = program
    .command('resources')
    .summary('the MCP servers that tokens can be for')
    .description('Registers the MCP servers that tokens can be for, with their scopes and tools.');
  addAdminOptions(resources.command('list'))
    .summary('list MCP servers, configured and registered')
    .addHelpText('after', '\nExample:\n  mcp-m2m resources list --profile admin')
    .action(run(administering(listResources)));
  addAdminOptions(resources.command('show <url>'))
    .summary('show an MCP server, with its tools and revision')
    .addHelpText('after', '\nExample:\n  mcp-m2m resources show https://mcp.example.com/mcp --profile admin')
    .action(run(administering(showResource)));
  addAdminOptions(resources.command('create <url>'))
    .summary('register an MCP server')
    .option('-s, --scope <scope>', 'a scope it has; repeat for several', collect)
    .option('--label <text>', 'what people call it')
    .addHelpText(
      'after',
      '\nExample:\n  mcp-m2m resources create https://mcp.example.com/mcp -s deploy:read -s deploy:write --profile admin',
    )
    .action(run(administering(createResource)));
  addRevisionOption(addAdminOptions(resources.command('update <url>')))
    .summary('change label or scopes of a registered MCP server')
    .option('-s, --scope <scope>', 'a scope it has, instead of those it had; repeat for several', collect)
    .option('--label <text>', 'what people call it; "none" takes it away')
    .addHelpText(
      'after',
      '\nExample:\n  mcp-m2m resources update https://mcp.example.com/mcp --label "Deploy desk" --profile admin',
    )
    .action(run(administering(updateResource)));
  addRevisionOption(addConfirmationOption(addAdminOptions(resources.command('delete <url>'))))
    .summary('delete a registered MCP server')
    .option('--remove-access', 'take it from the clients that may use it as well')
    .addHelpText(
      'after',
      '\nExample:\n  mcp-m2m resources delete https://mcp.example.com/mcp --profile admin --yes',
    )
    .action(run(administering(deleteResource)));
  addImportToolsCommand(resources, run);
}

async function listResources({ api, terminal, wait, write }: Administration): Promise<undefined> {
  const resources = await wait('Listing the resources', () =>
    readEveryPage<Resource>(async (after) => {
      const query = { limit: 1000, ...(after === undefined ? {} : { after }) };
      const page = await expectAnswer(api.GET('/admin/v1/resources', { params: { query } }));
      return { entries: page.resources, next: page.nextAfter };
    }),
  );
  write({ resources }, () =>
    resources.length === 0
      ? 'There is none; register one with "mcp-m2m resources create".'
      : formatTable(listedResource, resources, terminal.width),
  );
}

async function showResource(
  { api, write }: Administration,
  [url = '']: readonly string[],
): Promise<undefined> {
  const path = resourceIdOf(url);
  const resource = await expectAnswer(api.GET('/admin/v1/resources/{resourceId}', { params: { path } }));
  write(resource, () => describeResource(resource));
}

async function createResource(
  { api, write, tell }: Administration,
  [resource = '']: readonly string[],
  { scope = [], label }: SettingsFlags,
): Promise<undefined> {
  if (scope.length === 0) throw usageError('Say which scopes it has: --scope deploy:read.');
  const created = await expectAnswer(
    api.POST('/admin/v1/resources', {
      params: { header: idempotencyKey() },
      body: { resource, scopes: [...scope], ...(label === undefined ? {} : { label }) },
    }),
  );
  tell(`${created.resource} is registered.`);
  write(created, () => describeResource(created));
}

async function updateResource(
  { api, write, tell }: Administration,
  [url = '']: readonly string[],
  { scope, label, revision }: SettingsFlags & RevisionFlags,
): Promise<undefined> {
  const body = {
    ...(scope === undefined ? {} : { scopes: [...scope] }),
    ...(label === undefined ? {} : { label: label === 'none' ? null : label }),
  };
  if (Object.keys(body).length === 0) throw usageError('Say what is to change: --label or --scope.');
  const path = resourceIdOf(url);
  const current = await expectAnswer(api.GET('/admin/v1/resources/{resourceId}', { params: { path } }));
  const header = ifMatch(revision ?? current.revision);
  const changed = await expectAnswer(
    api.PATCH('/admin/v1/resources/{resourceId}', { params: { path, header }, body }),
  );
  tell(`${changed.resource} is changed.`);
  write(changed, () => describeResource(changed));
}

async function deleteResource(
  { api, terminal, tell }: Administration,
  [url = '']: readonly string[],
  flags: DeleteFlags,
): Promise<undefined> {
  const { removeAccess = false, revision } = flags;
  await confirm(
    terminal,
    flags,
    `No more tokens for ${url}${removeAccess ? ', and no client may use it any more' : ''}.`,
  );
  await expectDone(
    api.DELETE('/admin/v1/resources/{resourceId}', {
      params: {
        path: resourceIdOf(url),
        header: ifMatch(revision),
        query: removeAccess ? { removeAccess: 'true' } : {},
      },
    }),
  );
  tell(`${url} is deleted.`);
}
