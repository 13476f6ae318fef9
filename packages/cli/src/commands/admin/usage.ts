import type { Command } from 'commander';

import { administering, type Administration } from '../../admin/administer.ts';
import { addAdminOptions, type AdminFlags } from '../../admin/admin-options.ts';
import type { components } from '../../admin/api-types.ts';
import { shortTime } from '../../admin/client-view.ts';
import { readEveryPage } from '../../admin/every-page.ts';
import { expectAnswer } from '../../admin/expect-answer.ts';
import { parseTimePast } from '../../admin/parse-time.ts';
import { formatTable } from '../../admin/table.ts';
import type { RunCommand } from '../run-command.ts';

interface UsageFlags extends AdminFlags {
  readonly client?: string;
  readonly resource?: string;
  readonly since: string;
  readonly until?: string;
}

type Hour = components['schemas']['UsagePage']['hours'][number];

/** `usage`: how many tokens were issued and refused. */
export function addUsageCommand(program: Command, run: RunCommand): void {
  addAdminOptions(program.command('usage'))
    .summary('how many tokens were issued and refused, per client, MCP server and hour')
    .option('--client <client>', 'those of this client')
    .option('--resource <url>', 'those for this MCP server')
    .option('--since <time>', 'from then on: a date, a time, or a span such as 24h', '24h')
    .option('--until <time>', 'up to then')
    .addHelpText('after', '\nExample:\n  mcp-m2m usage --client nightly-report --since 7d --profile admin')
    .action(run(administering(showUsage)));
}

async function showUsage(
  { api, terminal, wait, write }: Administration,
  _positional: readonly string[],
  { client, resource, since, until }: UsageFlags,
): Promise<undefined> {
  const filters = {
    ...(client === undefined ? {} : { clientId: client }),
    ...(resource === undefined ? {} : { resource }),
    from: parseTimePast(since, '--since'),
    ...(until === undefined ? {} : { to: parseTimePast(until, '--until') }),
    limit: 1000,
  };
  const hours = await wait('Reading the usage', () =>
    readEveryPage<Hour>(async (cursor) => {
      const query = { ...filters, ...(cursor === undefined ? {} : { cursor }) };
      const page = await expectAnswer(api.GET('/admin/v1/usage', { params: { query } }));
      return { entries: page.hours, next: page.nextCursor };
    }),
  );
  const sum = (of: (hour: Hour) => number): number => hours.reduce((total, hour) => total + of(hour), 0);
  const total = { issued: sum(({ issued }) => issued), refused: sum(({ refused }) => refused) };
  write({ hours, total }, () =>
    hours.length === 0
      ? 'No token was asked for.'
      : `${formatTable(
          [
            { title: 'HOUR', of: ({ hour }) => shortTime(hour) },
            { title: 'CLIENT', of: ({ clientId }) => clientId },
            { title: 'RESOURCE', of: ({ resource: one }) => one, shrinks: true },
            { title: 'ISSUED', of: ({ issued }) => String(issued) },
            { title: 'REFUSED', of: ({ refused }) => String(refused) },
          ],
          hours,
          terminal.width,
        )}\n\n${total.issued} issued, ${total.refused} refused`,
  );
}
