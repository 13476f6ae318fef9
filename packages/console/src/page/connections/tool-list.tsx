import type { ConsoleSchemas } from '../api/calls.ts';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { ForeignText } from '../parts/foreign-text.tsx';
import { Panel } from '../parts/panel.tsx';

type Tool = ConsoleSchemas['Tool'];

const COLUMNS: readonly Column<Tool>[] = [
  {
    title: 'Tool',
    heading: true,
    cell: ({ name }) => (
      <code>
        <ForeignText text={name} most={130} />
      </code>
    ),
  },
  {
    title: 'What the server says of it',
    cell: ({ description }) =>
      description === undefined ? null : <ForeignText text={description} most={310} />,
  },
];

/** The tools of a server as its last test found them. */
export function ToolList({ tools }: { tools: readonly Tool[] | undefined }) {
  if (tools === undefined) return null;
  return (
    <Panel title="Tools">
      <DataTable
        label="Tools"
        columns={COLUMNS}
        rows={tools}
        keyOf={({ name }) => name}
        empty="The server lists no tools."
      />
    </Panel>
  );
}
