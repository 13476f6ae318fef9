import { Alert, Button, Checkbox, NativeSelect } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { admin, take, type AdminSchemas, type ConsoleSchemas } from '../api/calls.ts';
import { useConnections } from '../api/queries.ts';
import { CopyField } from '../parts/copy-field.tsx';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { ForeignText, showForeign } from '../parts/foreign-text.tsx';
import { Panel } from '../parts/panel.tsx';
import { When } from '../parts/when.tsx';
import { hrefTo } from '../shell/route.ts';
import { ifMatch } from './if-match.ts';
import { compareTools, hasChanges, mergeTools } from './tool-changes.ts';

type Resource = AdminSchemas['Resource'];
type Tool = NonNullable<Resource['tools']>[number];
type Connection = ConsoleSchemas['Connection'];

/** Which tool needs which scopes, by the tools that the server itself lists. */
export function ToolScopes({ resource, onChange }: { resource: Resource; onChange: () => void }) {
  const connections = useConnections();
  const [tools, setTools] = useState<readonly Tool[]>(resource.tools ?? []);
  const [chosen, setChosen] = useState('');
  const tested = (connections.data?.connections ?? []).filter(({ health }) => health?.tools !== undefined);
  const connection =
    tested.find(({ id }) => id === chosen) ?? tested.find(({ url }) => url === resource.resource);
  const save = useMutation({
    mutationFn: () =>
      take(
        admin.PATCH('/admin/v1/resources/{resourceId}', {
          params: { path: { resourceId: resource.id }, header: ifMatch(resource) },
          body: { tools: tools.map(({ scopes, ...tool }) => ({ ...tool, scopes: [...scopes] })) },
        }),
      ),
    onSuccess: onChange,
  });
  const editable = resource.source === 'administrator';
  const toggle = (name: string, scope: string, wanted: boolean): void =>
    setTools((before) =>
      before.map((tool) =>
        tool.name === name
          ? { ...tool, scopes: wanted ? [...tool.scopes, scope] : tool.scopes.filter((one) => one !== scope) }
          : tool,
      ),
    );
  const columns: readonly Column<Tool>[] = [
    {
      title: 'Tool',
      heading: true,
      cell: ({ name, description }) => (
        <>
          <code>
            <ForeignText text={name} most={130} />
          </code>
          {description !== undefined && (
            <div className="dimmed small">
              <ForeignText text={description} most={160} />
            </div>
          )}
        </>
      ),
    },
    {
      title: 'Scopes that it needs',
      cell: ({ name, scopes }) => (
        <div className="row">
          {resource.scopes.map((scope) => (
            <Checkbox
              key={scope}
              size="xs"
              checked={scopes.includes(scope)}
              disabled={!editable}
              onChange={(event) => toggle(name, scope, event.currentTarget.checked)}
              label={scope}
              aria-label={`${showForeign(name, 60)} needs ${scope}`}
            />
          ))}
        </div>
      ),
    },
  ];
  const isChanged = JSON.stringify(tools) !== JSON.stringify(resource.tools ?? []);
  return (
    <Panel title="Tools">
      <div className="stack">
        {tested.length === 0 ? (
          <p className="plain">
            To import tools, <a href={hrefTo('connections', 'new')}>add a connection</a> to this MCP server
            and test it.
          </p>
        ) : (
          <ImportTools
            connections={tested}
            connection={connection}
            resource={resource}
            editable={editable}
            onChoose={setChosen}
            onImport={(found) => setTools(mergeTools(resource.tools ?? [], found))}
          />
        )}
        {tools.length > 0 && (
          <>
            <DataTable
              label="Tools and scopes"
              columns={columns}
              rows={tools}
              keyOf={({ name }) => name}
              empty={null}
            />
            {save.error !== null && <FailureNote error={save.error} />}
            {editable && (
              <div className="row">
                <Button
                  size="xs"
                  loading={save.isPending}
                  disabled={!isChanged}
                  onClick={() => save.mutate()}
                >
                  Save the tools
                </Button>
                {isChanged && <span className="dimmed small">Not saved yet.</span>}
              </div>
            )}
            <p className="plain small">
              The same for the access policy of the MCP server, which enforces it:
            </p>
            <CopyField block label="Access policy" text={writePolicy(tools)} />
          </>
        )}
      </div>
    </Panel>
  );
}

function ImportTools({
  connections,
  connection,
  resource,
  editable,
  onChoose,
  onImport,
}: {
  connections: readonly Connection[];
  connection: Connection | undefined;
  resource: Resource;
  editable: boolean;
  onChoose: (id: string) => void;
  onImport: (tools: readonly ConsoleSchemas['Tool'][]) => void;
}) {
  const found = connection?.health?.tools ?? [];
  const changes = compareTools(resource.tools ?? [], found);
  const names = (list: readonly string[]): string => list.map((name) => showForeign(name, 60)).join(', ');
  return (
    <>
      <div className="row">
        <NativeSelect
          label="Tools as found by the connection"
          value={connection?.id ?? ''}
          onChange={(event) => onChoose(event.currentTarget.value)}
          data={[
            ...(connection === undefined ? [{ value: '', label: 'Choose one' }] : []),
            ...connections.map(({ id, label, url }) => ({ value: id, label: showForeign(label ?? url, 80) })),
          ]}
        />
        {connection?.health !== undefined && (
          <span className="dimmed small">
            tested <When at={connection.health.checkedAt} />
          </span>
        )}
      </div>
      {connection !== undefined && resource.tools !== undefined && hasChanges(changes) && (
        <Alert
          color="yellow"
          variant="outline"
          title="The tools of this server have changed since"
          role="status"
        >
          <ul className="plain-list">
            {changes.added.length > 0 && <li>New: {names(changes.added)}</li>}
            {changes.removed.length > 0 && <li>Gone: {names(changes.removed)}</li>}
            {changes.described.length > 0 && <li>Described in other words: {names(changes.described)}</li>}
          </ul>
        </Alert>
      )}
      {connection !== undefined && editable && (
        <div className="row">
          <Button size="xs" variant="default" onClick={() => onImport(found)}>
            Import {found.length} {found.length === 1 ? 'tool' : 'tools'}
          </Button>
        </div>
      )}
    </>
  );
}

/** The tools as the option `access` of `mcpAuth` takes them. */
function writePolicy(tools: readonly Tool[]): string {
  const lines = tools
    .filter(({ scopes }) => scopes.length > 0)
    .map(
      ({ name, scopes }) =>
        `    ${JSON.stringify(name)}: [${scopes.map((scope) => JSON.stringify(scope)).join(', ')}],`,
    );
  return ['access: {', '  tools: {', ...lines, '  },', '},'].join('\n');
}
