import { Button, NativeSelect, TextInput } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';

import { admin, API_URL, take, type AdminSchemas } from '../api/calls.ts';
import { Badge } from '../parts/badge.tsx';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { ForeignText } from '../parts/foreign-text.tsx';
import { Panel } from '../parts/panel.tsx';
import { When } from '../parts/when.tsx';
import { AUDIT_KINDS, REFUSALS } from './audit-kinds.ts';

type Entry = AdminSchemas['AuditEntry'];

const COLUMNS: readonly Column<Entry>[] = [
  {
    title: 'What',
    heading: true,
    cell: ({ type, detail }) => (
      <>
        <Badge tone={REFUSALS.includes(type) ? 'bad' : 'quiet'}>{type.replaceAll('_', ' ')}</Badge>
        {typeof detail['repeated'] === 'number' && <span className="small"> ×{detail['repeated'] + 1}</span>}
      </>
    ),
  },
  { title: 'When', cell: ({ at }) => <When at={at} /> },
  {
    title: 'Client',
    cell: ({ clientId }) => clientId !== undefined && <ForeignText text={clientId} most={80} />,
  },
  { title: 'By', cell: ({ actor }) => actor !== undefined && <ForeignText text={actor} most={80} /> },
  {
    title: 'Why',
    cell: ({ reason, detail }) => (
      <>
        {reason !== undefined && <code>{reason}</code>}
        {typeof detail['detail'] === 'string' && (
          <div className="small">
            <ForeignText text={detail['detail']} />
          </div>
        )}
      </>
    ),
  },
  { title: 'From', cell: ({ address }) => address ?? null },
];

interface Filters {
  readonly kind: string;
  readonly clientId: string;
  readonly reason: string;
  readonly from: string;
  readonly to: string;
}

const NO_FILTERS: Filters = { kind: '', clientId: '', reason: '', from: '', to: '' };

/** The audit trail by filters: refusals have their true reasons here, which the wire does not tell. */
export function AuditTrail() {
  const [filters, setFilters] = useState(NO_FILTERS);
  const applied = useDeferredValue(JSON.stringify(toQuery(filters)));
  const pages = useInfiniteQuery({
    queryKey: ['audit', applied],
    initialPageParam: undefined as string | undefined,
    queryFn({ pageParam }) {
      const page = pageParam === undefined ? {} : { cursor: pageParam };
      const query = { ...(JSON.parse(applied) as ReturnType<typeof toQuery>), limit: 50, ...page };
      return take(admin.GET('/admin/v1/audit', { params: { query } }));
    },
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
  });
  const entries = pages.data?.pages.flatMap((page) => page.entries);
  const text = (name: 'clientId' | 'reason' | 'from' | 'to') => ({
    value: filters[name],
    onChange: (event: { currentTarget: HTMLInputElement }) =>
      setFilters({ ...filters, [name]: event.currentTarget.value }),
  });
  return (
    <Panel
      title="Audit trail"
      actions={
        <a href={exportUrl(filters)} download="audit.jsonl">
          Export what is shown
        </a>
      }
    >
      <div className="filters">
        <NativeSelect
          label="What"
          value={filters.kind}
          onChange={(event) => setFilters({ ...filters, kind: event.currentTarget.value })}
          data={AUDIT_KINDS.map(({ value, label }) => ({ value, label }))}
        />
        <TextInput label="Client" placeholder="Client ID" {...text('clientId')} />
        <TextInput label="Reason" placeholder="secret_expired" {...text('reason')} />
        <TextInput label="From" type="datetime-local" {...text('from')} />
        <TextInput label="Until" type="datetime-local" {...text('to')} />
      </div>
      {pages.error !== null && <FailureNote error={pages.error} onRetry={() => void pages.refetch()} />}
      {entries === undefined && pages.error === null && <p role="status">Loading…</p>}
      {entries !== undefined && (
        <DataTable
          label="Audit trail"
          columns={COLUMNS}
          rows={entries}
          keyOf={({ id }) => id}
          empty="Nothing of the kind has happened."
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
    </Panel>
  );
}

function toQuery({ kind, clientId, reason, from, to }: Filters) {
  const types = AUDIT_KINDS.find(({ value }) => value === kind)?.types;
  const time = (name: 'from' | 'to', value: string) => {
    const at = Date.parse(value);
    return Number.isNaN(at) ? {} : { [name]: new Date(at).toISOString() };
  };
  return {
    ...(types === undefined ? {} : { type: [...types] }),
    ...(clientId.trim() === '' ? {} : { clientId: clientId.trim() }),
    ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
    ...time('from', from),
    ...time('to', to),
  };
}

function exportUrl(filters: Filters): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(toQuery(filters))) {
    for (const one of [value].flat()) parameters.append(name, one);
  }
  return `${API_URL}/admin/v1/audit/export?${parameters.toString()}`;
}
