import { Button, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { admin, once, take, type AdminSchemas } from '../api/calls.ts';
import { useResources } from '../api/queries.ts';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { ForeignText } from '../parts/foreign-text.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { goTo, hrefTo } from '../shell/route.ts';
import { readScopes } from './scopes.ts';

type Resource = AdminSchemas['Resource'];

const COLUMNS: readonly Column<Resource>[] = [
  {
    title: 'MCP server',
    heading: true,
    cell: ({ id, resource, label }) => (
      <>
        <a href={hrefTo('access', 'of', id)}>
          <ForeignText text={label ?? resource} most={100} />
        </a>
        {label !== undefined && <div className="dimmed small wrap-anywhere">{resource}</div>}
      </>
    ),
  },
  {
    title: 'Scopes',
    cell: ({ scopes }) => <ForeignText text={scopes.length === 0 ? 'none' : scopes.join(', ')} />,
  },
  { title: 'Tools', cell: ({ tools }) => tools?.length ?? <span className="dimmed">not imported</span> },
  {
    title: 'From',
    cell: ({ source }) => (source === 'configuration' ? 'the configuration' : 'this console'),
  },
];

/** All resources, and registering one. */
export function ResourceList() {
  const resources = useResources();
  return (
    <>
      <PageHead title="Access">
        MCP servers that tokens can be issued for, and the scopes that each of them knows. What a client gets
        of them is set at the client.
      </PageHead>
      <div className="stack">
        <Loaded query={resources}>
          {(found) => (
            <DataTable
              label="MCP servers"
              columns={COLUMNS}
              rows={found}
              keyOf={({ id }) => id}
              empty="No MCP server is registered yet."
            />
          )}
        </Loaded>
        <RegisterResource />
      </div>
    </>
  );
}

function RegisterResource() {
  const [resource, setResource] = useState('');
  const [label, setLabel] = useState('');
  const [scopes, setScopes] = useState('');
  const queries = useQueryClient();
  const register = useMutation({
    mutationFn: () =>
      take(
        admin.POST('/admin/v1/resources', {
          params: { header: once() },
          body: {
            resource: resource.trim(),
            scopes: readScopes(scopes),
            ...(label.trim() === '' ? {} : { label: label.trim() }),
          },
        }),
      ),
    async onSuccess({ id }) {
      await queries.invalidateQueries({ queryKey: ['resources'] });
      goTo('access', 'of', id);
    },
  });
  return (
    <Panel title="Register an MCP server">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          register.mutate();
        }}
      >
        <div className="columns">
          <TextInput
            label="Identifier"
            description="Its URL, exactly as its clients are configured with it"
            placeholder="https://mcp.example.com/mcp"
            value={resource}
            onChange={(event) => setResource(event.currentTarget.value)}
            spellCheck={false}
          />
          <TextInput
            label="Label"
            description="What people call it"
            value={label}
            onChange={(event) => setLabel(event.currentTarget.value)}
            maxLength={200}
          />
        </div>
        <Textarea
          label="Scopes"
          description="Separated by spaces or lines"
          placeholder="deploy:read deploy:write"
          value={scopes}
          onChange={(event) => setScopes(event.currentTarget.value)}
          rows={2}
          spellCheck={false}
        />
        {register.error !== null && <FailureNote error={register.error} />}
        <div className="row">
          <Button type="submit" loading={register.isPending} disabled={resource.trim() === ''}>
            Register
          </Button>
        </div>
      </form>
    </Panel>
  );
}
