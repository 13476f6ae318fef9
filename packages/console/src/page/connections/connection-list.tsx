import { Button } from '@mantine/core';

import { useConnections } from '../api/queries.ts';
import { Badge } from '../parts/badge.tsx';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { ForeignText } from '../parts/foreign-text.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { When } from '../parts/when.tsx';
import { hrefTo } from '../shell/route.ts';
import { OUTCOMES, type Connection } from './connection-words.ts';

const COLUMNS: readonly Column<Connection>[] = [
  {
    title: 'Connection',
    heading: true,
    cell: ({ id, label, url }) => (
      <>
        <a href={hrefTo('connections', 'of', id)}>
          <ForeignText text={label ?? (url === '' ? 'unreadable connection' : url)} most={80} />
        </a>
        {label !== undefined && <div className="dimmed small wrap-anywhere">{url}</div>}
      </>
    ),
  },
  {
    title: 'Health',
    cell: ({ health }) =>
      health === undefined ? (
        <Badge tone="quiet">not tested</Badge>
      ) : (
        <Badge tone={OUTCOMES[health.outcome].tone}>{OUTCOMES[health.outcome].word}</Badge>
      ),
  },
  {
    title: 'Found',
    cell: ({ health }) =>
      health?.verdict === undefined ? (
        health?.tools === undefined ? null : (
          `${health.tools.length} tools`
        )
      ) : (
        <ForeignText text={health.verdict.message} />
      ),
  },
  { title: 'Tested', cell: ({ health }) => <When at={health?.checkedAt} /> },
];

/** The saved connections and how they are. */
export function ConnectionList() {
  const connections = useConnections();
  return (
    <>
      <PageHead
        title="Connections"
        actions={
          <Button component="a" href={hrefTo('connections', 'new')}>
            Add MCP server
          </Button>
        }
      >
        MCP servers as a machine reaches them. A test walks every step of the way and says what is wrong and
        what to do.
      </PageHead>
      <Loaded query={connections}>
        {({ connections: found }) => (
          <DataTable
            label="Connections"
            columns={COLUMNS}
            rows={found}
            keyOf={({ id }) => id}
            empty="There is no connection yet. Add an MCP server to see whether a machine can use it."
          />
        )}
      </Loaded>
    </>
  );
}
