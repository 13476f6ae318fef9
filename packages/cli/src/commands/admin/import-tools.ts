import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';

import { sanitizeText } from '@mcp-m2m/core';
import type { Command } from 'commander';

import { administering, type Administration } from '../../admin/administer.ts';
import { ifMatch } from '../../admin/admin-api.ts';
import {
  addAdminOptions,
  addRevisionOption,
  type AdminFlags,
  type RevisionFlags,
} from '../../admin/admin-options.ts';
import { expectAnswer } from '../../admin/expect-answer.ts';
import { mergeTools, type ListedTool, type MergedTools } from '../../admin/merge-tools.ts';
import { resourceIdOf } from '../../admin/resource-id.ts';
import { usageError } from '../../command-error.ts';
import { collect } from '../../connection/connection-options.ts';
import { withSession } from '../../connection/open-session.ts';
import { parsePairs } from '../../connection/read-flags.ts';
import { resolveConnection } from '../../connection/resolve-connection.ts';
import type { Terminal } from '../../terminal.ts';
import { listTools } from '../list-tools.ts';
import type { RunCommand } from '../run-command.ts';

interface ImportFlags extends AdminFlags, RevisionFlags {
  readonly from?: string;
  readonly via?: string;
  readonly readScope?: readonly string[];
  readonly writeScope?: readonly string[];
  readonly tool?: readonly string[];
  readonly dryRun?: boolean;
}

/** `resources import-tools`: which tools a server has, and which scope each needs. */
export function addImportToolsCommand(resources: Command, run: RunCommand): void {
  addRevisionOption(addAdminOptions(resources.command('import-tools <url>')))
    .summary('take over the tools of an MCP server, with the scopes they need')
    .description(
      'Reads tools/list of the MCP server and keeps which scopes each tool needs: those it had stay, new ones get what is named here. Says what has changed since.',
    )
    .option('--via <profile>', 'connect with this profile to list the tools')
    .option('--from <path>', 'read what "mcp-m2m tools --json" printed; "-" for standard input')
    .option(
      '--read-scope <scope>',
      'for new tools that only read (readOnlyHint); repeat for several',
      collect,
    )
    .option('--write-scope <scope>', 'for other new tools; repeat for several', collect)
    .option('--tool <name=scopes>', 'for this tool, scopes separated by spaces; repeat for several', collect)
    .option('--dry-run', 'only say what would change')
    .addHelpText(
      'after',
      `
Examples:
  mcp-m2m resources import-tools https://mcp.example.com/mcp --via nightly --read-scope deploy:read --write-scope deploy:write
  mcp-m2m tools --profile nightly --json | mcp-m2m resources import-tools https://mcp.example.com/mcp --from - --read-scope deploy:read --write-scope deploy:write`,
    )
    .action(run(administering(importTools)));
}

async function importTools(
  { api, terminal, wait, write, tell }: Administration,
  [url = '']: readonly string[],
  flags: ImportFlags,
): Promise<undefined> {
  const { revision, dryRun = false } = flags;
  const path = resourceIdOf(url);
  const current = await expectAnswer(api.GET('/admin/v1/resources/{resourceId}', { params: { path } }));
  const listed = await wait('Listing the tools', () => readTools(url, flags, terminal));
  const merged = mergeTools(current.tools ?? [], listed, scopesOf(flags));
  const bare = merged.tools.filter(({ scopes }) => scopes.length === 0).map(({ name }) => name);
  if (bare.length > 0) {
    throw usageError(
      `Say which scopes these tools need, by --tool, --read-scope or --write-scope: ${listOf(bare)}.`,
    );
  }
  if (!dryRun) {
    await expectAnswer(
      api.PATCH('/admin/v1/resources/{resourceId}', {
        params: { path, header: ifMatch(revision ?? current.revision) },
        body: { tools: [...merged.tools] },
      }),
    );
    tell(`${url} has ${merged.tools.length} tools.`);
  }
  write(merged, () => describeChanges(merged));
}

async function readTools(
  url: string,
  { from, via, timeout }: ImportFlags,
  terminal: Terminal,
): Promise<readonly ListedTool[]> {
  if ((from === undefined) === (via === undefined)) {
    throw usageError('Say where the tools are listed: --via with a profile, or --from with a file or "-".');
  }
  if (from === undefined) {
    const connection = await resolveConnection(
      url,
      { timeout, ...(via === undefined ? {} : { profile: via }) },
      terminal,
    );
    return await withSession(connection, terminal.signal, listTools);
  }
  const text = await (from === '-' ? readAll(terminal.in) : readFile(from, 'utf8')).catch(
    (error: unknown) => {
      throw usageError(
        `The tools cannot be read from ${from} (${(error as NodeJS.ErrnoException).code ?? 'failure'}).`,
      );
    },
  );
  return parseTools(text);
}

function parseTools(text: string): readonly ListedTool[] {
  let tools: unknown;
  try {
    ({ tools } = JSON.parse(text) as { tools?: unknown });
  } catch {
    tools = undefined;
  }
  const isList =
    Array.isArray(tools) && tools.every((tool) => typeof (tool as ListedTool)?.name === 'string');
  if (!isList) throw usageError('--from must be what "mcp-m2m tools --json" prints: { "tools": [ … ] }.');
  return tools as readonly ListedTool[];
}

function scopesOf({ tool = [], readScope = [], writeScope = [] }: ImportFlags) {
  const named = Object.entries(parsePairs(tool, '--tool'));
  return {
    named: new Map(
      named.map(([name, scopes]) => [name, scopes.split(/\s+/).filter((scope) => scope !== '')]),
    ),
    reading: readScope,
    writing: writeScope,
  };
}

function describeChanges({ tools, added, removed, changed }: MergedTools): string {
  const lines = [
    ...added.map(
      (name) => `+ ${shown(name)} (${tools.find((tool) => tool.name === name)?.scopes.join(' ')})`,
    ),
    ...removed.map((name) => `- ${shown(name)}`),
    ...changed.map((name) => `~ ${shown(name)} is described in other words now`),
  ];
  return lines.length === 0 ? 'Nothing has changed since.' : lines.join('\n');
}

function listOf(names: readonly string[]): string {
  const first = names.slice(0, 10).map(shown).join(', ');
  return names.length > 10 ? `${first} and ${names.length - 10} more` : first;
}

function shown(name: string): string {
  return sanitizeText(name, 120);
}
