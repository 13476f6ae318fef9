import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { admin, take, type AdminSchemas } from '../api/calls.ts';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { ForeignText } from '../parts/foreign-text.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Panel } from '../parts/panel.tsx';
import { UsageChart } from './usage-chart.tsx';
import { groupUsage, type UsageSeries } from './usage-series.ts';

const RANGES = [
  { value: '1', label: 'Last day', bucketHours: 1 },
  { value: '7', label: 'Last 7 days', bucketHours: 6 },
  { value: '30', label: 'Last 30 days', bucketHours: 24 },
] as const;

const MOST_PAGES = 20;

/** Tokens issued per client over time, as a chart and as figures. */
export function TokenUsage() {
  const [days, setDays] = useState('1');
  const range = RANGES.find(({ value }) => value === days) ?? RANGES[0];
  const usage = useQuery({ queryKey: ['usage', days], queryFn: () => readUsage(Number(days)) });
  const columns: readonly Column<UsageSeries>[] = [
    { title: 'Client', heading: true, cell: ({ name }) => <ForeignText text={name} most={80} /> },
    { title: 'Tokens issued', cell: ({ total }) => total.toLocaleString('en') },
  ];
  return (
    <Panel
      title="Tokens over time"
      actions={
        <NativeSelect
          aria-label="Period"
          size="xs"
          value={days}
          onChange={(event) => setDays(event.currentTarget.value)}
          data={RANGES.map(({ value, label }) => ({ value, label }))}
        />
      }
    >
      <Loaded query={usage}>
        {(hours) => {
          const data = groupUsage(hours, Number(days), range.bucketHours, Date.now());
          const refused = data.refused.reduce((total, count) => total + count, 0);
          return (
            <div className="stack">
              <UsageChart data={data} bucketHours={range.bucketHours} />
              <details>
                <summary>The figures</summary>
                <p className="small">Refused in all: {refused.toLocaleString('en')}</p>
                <DataTable
                  label="Tokens issued per client"
                  columns={columns}
                  rows={data.issued}
                  keyOf={({ name }) => name}
                  empty="No token was issued."
                />
              </details>
            </div>
          );
        }}
      </Loaded>
    </Panel>
  );
}

async function readUsage(days: number): Promise<AdminSchemas['UsagePage']['hours']> {
  const hours: AdminSchemas['UsagePage']['hours'] = [];
  const from = new Date(Date.now() - days * 86_400_000).toISOString();
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const query = cursor === undefined ? { from, limit: 1000 } : { from, limit: 1000, cursor };
    const found = await take(admin.GET('/admin/v1/usage', { params: { query } }));
    hours.push(...found.hours);
    cursor = found.nextCursor;
    if (cursor === undefined) break;
  }
  return hours;
}
