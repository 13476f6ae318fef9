import { useQuery } from '@tanstack/react-query';

import { admin, take, type AdminSchemas } from '../api/calls.ts';
import { Badge } from '../parts/badge.tsx';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Panel } from '../parts/panel.tsx';
import { When } from '../parts/when.tsx';

type Fetch = AdminSchemas['StatusListFetch'];

const COLUMNS: readonly Column<Fetch>[] = [
  {
    title: 'MCP server',
    heading: true,
    cell: ({ clientId }) => <span className="wrap-anywhere">{clientId}</span>,
  },
  { title: 'List', cell: ({ listId, version }) => `${listId}, version ${version}` },
  {
    title: 'Knows',
    cell: ({ upToDate }) =>
      upToDate ? <Badge tone="good">all revocations</Badge> : <Badge tone="warn">not the newest</Badge>,
  },
  { title: 'Fetched', cell: ({ fetchedAt }) => <When at={fetchedAt} /> },
];

/** Which MCP servers have seen the newest revocations. */
export function StatusFetches() {
  const fetches = useQuery({
    queryKey: ['status-list-fetches'],
    queryFn: () => take(admin.GET('/admin/v1/tokens/status-list-fetches')),
    refetchInterval: 30_000,
  });
  return (
    <Panel title="Who knows of revocations">
      <Loaded query={fetches}>
        {({ fetches: found }) => (
          <DataTable
            label="Fetches of status lists"
            columns={COLUMNS}
            rows={found}
            keyOf={({ clientId, listId }) => `${clientId} ${listId}`}
            empty="No MCP server has fetched a status list by a credential of its own. One that does appears here."
          />
        )}
      </Loaded>
    </Panel>
  );
}
