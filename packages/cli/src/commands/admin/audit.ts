import { pipeline } from 'node:stream/promises';

import type { Command } from 'commander';

import { administering, type Administration } from '../../admin/administer.ts';
import { addAdminOptions, type AdminFlags } from '../../admin/admin-options.ts';
import type { components } from '../../admin/api-types.ts';
import { shortTime } from '../../admin/client-view.ts';
import { readEveryPage } from '../../admin/every-page.ts';
import { expectAnswer } from '../../admin/expect-answer.ts';
import { parseCount } from '../../admin/parse-count.ts';
import { parseTimePast } from '../../admin/parse-time.ts';
import { formatTable, type Column } from '../../admin/table.ts';
import { collect } from '../../connection/connection-options.ts';
import type { RunCommand } from '../run-command.ts';

interface FilterFlags extends AdminFlags {
  readonly type?: readonly string[];
  readonly client?: string;
  readonly actor?: string;
  readonly resource?: string;
  readonly address?: string;
  readonly reason?: string;
  readonly since?: string;
  readonly until?: string;
}

interface ListFlags extends FilterFlags {
  readonly limit: number;
  readonly oldest?: boolean;
}

type Entry = components['schemas']['AuditEntry'];

const COLUMNS: readonly Column<Entry>[] = [
  { title: 'AT', of: ({ at }) => shortTime(at) },
  { title: 'TYPE', of: ({ type }) => type },
  { title: 'ACTOR', of: ({ actor }) => actor },
  { title: 'CLIENT', of: ({ clientId }) => clientId },
  { title: 'RESOURCE', of: ({ resource }) => resource, shrinks: true },
  { title: 'ADDRESS', of: ({ address }) => address },
  { title: 'REASON', of: ({ reason }) => reason, shrinks: true },
];

/** `audit list|export`: who did what, and what was refused for which reason. */
export function addAuditCommand(program: Command, run: RunCommand): void {
  const audit = program
    .command('audit')
    .summary('who did what, and what was refused for which reason')
    .description('Reads the audit trail: every administrative act and every refusal, with its true reason.');
  addFilters(addAdminOptions(audit.command('list')))
    .summary('list entries, the newest first')
    .option('-n, --limit <count>', 'most entries', parseCount('--limit'), 50)
    .option('--oldest', 'the oldest first')
    .addHelpText(
      'after',
      '\nExample:\n  mcp-m2m audit list --type token_refused --client nightly-report --since 24h --profile admin',
    )
    .action(run(administering(listAudit)));
  addFilters(addAdminOptions(audit.command('export')))
    .summary('print all entries as JSON lines, the oldest first')
    .addHelpText(
      'after',
      '\nExample:\n  mcp-m2m audit export --since 2026-01-01 --profile admin > audit.jsonl',
    )
    .action(run(administering(exportAudit)));
}

function addFilters(command: Command): Command {
  return command
    .option('--type <type>', 'such as token_refused or client_created; repeat for several', collect)
    .option('--client <client>', 'those about this client')
    .option('--actor <actor>', 'those of this administrator')
    .option('--resource <url>', 'those about this MCP server')
    .option('--address <address>', 'those from this address')
    .option('--reason <reason>', 'refusals for this reason')
    .option('--since <time>', 'from then on: a date, a time, or a span such as 24h')
    .option('--until <time>', 'up to then');
}

async function listAudit(
  { api, terminal, wait, write }: Administration,
  _positional: readonly string[],
  flags: ListFlags,
): Promise<undefined> {
  const { limit, oldest = false } = flags;
  const filters = {
    ...filtersOf(flags),
    limit: Math.min(limit, 1000),
    order: oldest ? 'oldest' : 'newest',
  } as const;
  const entries = await wait('Reading the audit trail', () =>
    readEveryPage<Entry>(async (cursor) => {
      const query = { ...filters, ...(cursor === undefined ? {} : { cursor }) };
      const page = await expectAnswer(api.GET('/admin/v1/audit', { params: { query } }));
      return { entries: page.entries, next: page.nextCursor };
    }, limit),
  );
  write({ entries }, () =>
    entries.length === 0 ? 'There is no such entry.' : formatTable(COLUMNS, entries, terminal.width),
  );
}

async function exportAudit(
  { api, terminal }: Administration,
  _positional: readonly string[],
  flags: FilterFlags,
): Promise<undefined> {
  const query = filtersOf(flags);
  const lines = await expectAnswer(
    api.GET('/admin/v1/audit/export', { params: { query }, parseAs: 'stream' }),
  );
  await pipeline(lines, terminal.out, { end: false, signal: terminal.signal });
}

function filtersOf({ type, client, actor, resource, address, reason, since, until }: FilterFlags) {
  const given = Object.entries({ clientId: client, actor, resource, address, reason });
  return {
    ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    ...(type === undefined ? {} : { type: [...type] }),
    ...(since === undefined ? {} : { from: parseTimePast(since, '--since') }),
    ...(until === undefined ? {} : { to: parseTimePast(until, '--until') }),
  };
}
