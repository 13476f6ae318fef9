import { Button, NativeSelect, TextInput } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';

import { admin, take } from '../api/calls.ts';
import { Badge } from '../parts/badge.tsx';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { ForeignText } from '../parts/foreign-text.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { When } from '../parts/when.tsx';
import { hrefTo } from '../shell/route.ts';
import { endsSoon, firstEnd, METHOD_WORDS, type Client } from './client-words.ts';

const COLUMNS: readonly Column<Client>[] = [
  {
    title: 'Client',
    heading: true,
    cell: ({ clientId, label }) => (
      <>
        <a href={hrefTo('clients', 'of', clientId)}>
          <ForeignText text={label ?? clientId} most={80} />
        </a>
        {label !== undefined && <div className="dimmed small wrap-anywhere">{clientId}</div>}
      </>
    ),
  },
  {
    title: 'State',
    cell: ({ state }) =>
      state === 'enabled' ? <Badge tone="good">enabled</Badge> : <Badge tone="quiet">disabled</Badge>,
  },
  { title: 'Proves itself by', cell: ({ authentication }) => METHOD_WORDS[authentication.method] },
  {
    title: 'May call',
    cell: ({ access }) => (
      <span className="wrap-anywhere">{sayAccess(access.map(({ resource }) => resource))}</span>
    ),
  },
  { title: 'Last used', cell: ({ lastUsedAt }) => <When at={lastUsedAt} /> },
  {
    title: 'Ends',
    cell: (client) => {
      const end = firstEnd(client);
      return (
        <>
          <When at={end} never="no end" /> {endsSoon(end) && <Badge tone="warn">renew</Badge>}
        </>
      );
    },
  },
];

/** All clients, found by text and state. */
export function ClientList() {
  const [search, setSearch] = useState('');
  const [state, setState] = useState('');
  const filters = useDeferredValue(JSON.stringify({ search: search.trim(), state }));
  const pages = useInfiniteQuery({
    queryKey: ['clients', filters],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => readPage(JSON.parse(filters) as Filters, pageParam),
    getNextPageParam: ({ nextAfter }) => nextAfter,
    placeholderData: keepPreviousData,
  });
  const clients = pages.data?.pages.flatMap((page) => page.clients);
  return (
    <>
      <PageHead
        title="Clients"
        actions={
          <Button component="a" href={hrefTo('clients', 'new')}>
            Create client
          </Button>
        }
      >
        Each service, job or agent that calls MCP servers has one of its own.
      </PageHead>
      <div className="filters">
        <TextInput
          type="search"
          label="Search"
          placeholder="Id, label, owner or description"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <NativeSelect
          label="State"
          value={state}
          onChange={(event) => setState(event.currentTarget.value)}
          data={[
            { value: '', label: 'All' },
            { value: 'enabled', label: 'Enabled' },
            { value: 'disabled', label: 'Disabled' },
          ]}
        />
      </div>
      {pages.error !== null && <FailureNote error={pages.error} onRetry={() => void pages.refetch()} />}
      {clients === undefined && pages.error === null && <p role="status">Loading…</p>}
      {clients !== undefined && (
        <DataTable
          label="Clients"
          columns={COLUMNS}
          rows={clients}
          keyOf={({ clientId }) => clientId}
          empty={
            search === '' && state === ''
              ? 'There is no client yet. Create one for the first machine that calls your MCP server.'
              : 'No client matches.'
          }
        />
      )}
      {pages.hasNextPage && (
        <Button
          variant="default"
          loading={pages.isFetchingNextPage}
          onClick={() => void pages.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </>
  );
}

interface Filters {
  readonly search: string;
  readonly state: string;
}

async function readPage({ search, state }: Filters, after: string | undefined) {
  const query = {
    limit: 50,
    ...(search === '' ? {} : { search }),
    ...(state === 'enabled' || state === 'disabled' ? ({ state } as const) : {}),
    ...(after === undefined ? {} : { after }),
  } as const;
  return await take(admin.GET('/admin/v1/clients', { params: { query } }));
}

function sayAccess(resources: readonly string[]): string {
  const [first = 'nothing', ...others] = resources.map((resource) => resource.replace(/^https?:\/\//, ''));
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}
