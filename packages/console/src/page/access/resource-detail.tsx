import { Button, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { admin, take, type AdminSchemas } from '../api/calls.ts';
import { Confirm } from '../parts/confirm.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { ForeignText } from '../parts/foreign-text.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { goTo, hrefTo } from '../shell/route.ts';
import { ifMatch } from './if-match.ts';
import { readScopes } from './scopes.ts';
import { ToolScopes } from './tool-scopes.tsx';

type Resource = AdminSchemas['Resource'];

/** One MCP server: its scopes, and which of its tools needs which. */
export function ResourceDetail({ id }: { id: string }) {
  const queries = useQueryClient();
  const params = { path: { resourceId: id } };
  const query = useQuery({
    queryKey: ['resources', id],
    queryFn: () => take(admin.GET('/admin/v1/resources/{resourceId}', { params })),
  });
  const refresh = (): void => void queries.invalidateQueries({ queryKey: ['resources'] });
  return (
    <>
      <a href={hrefTo('access')}>Back to the MCP servers</a>
      <Loaded query={query}>
        {(resource) => (
          <>
            <PageHead title={<ForeignText text={resource.label ?? resource.resource} most={100} />}>
              <span className="wrap-anywhere">{resource.resource}</span>
            </PageHead>
            <div className="stack">
              {resource.source === 'configuration' ? (
                <Panel title="Scopes">
                  <p className="plain">
                    <ForeignText
                      text={resource.scopes.length === 0 ? 'none' : resource.scopes.join(', ')}
                      most={2000}
                    />
                  </p>
                  <p className="dimmed">
                    This MCP server stands in the configuration of the authorization server: it is changed
                    there.
                  </p>
                </Panel>
              ) : (
                <ScopesForm key={resource.revision} resource={resource} onChange={refresh} />
              )}
              <ToolScopes key={`tools ${resource.revision ?? ''}`} resource={resource} onChange={refresh} />
              {resource.source === 'administrator' && (
                <Panel title="Danger zone" danger>
                  <div className="row row-between">
                    <p className="plain">
                      Delete it: no more tokens for it, and clients lose their access to it.
                    </p>
                    <Confirm
                      label="Delete"
                      title="Delete this MCP server?"
                      typed={resource.resource}
                      action={() =>
                        take(
                          admin.DELETE('/admin/v1/resources/{resourceId}', {
                            params: { ...params, query: { removeAccess: 'true' } },
                          }),
                        )
                      }
                      onDone={() => {
                        goTo('access');
                        queries.removeQueries({ queryKey: ['resources', id] });
                        refresh();
                      }}
                    >
                      Clients that may use it lose that access. Tokens that are out stay valid until they end.
                    </Confirm>
                  </div>
                </Panel>
              )}
            </div>
          </>
        )}
      </Loaded>
    </>
  );
}

function ScopesForm({ resource, onChange }: { resource: Resource; onChange: () => void }) {
  const [label, setLabel] = useState(resource.label ?? '');
  const [scopes, setScopes] = useState(resource.scopes.join('\n'));
  const save = useMutation({
    mutationFn: () =>
      take(
        admin.PATCH('/admin/v1/resources/{resourceId}', {
          params: { path: { resourceId: resource.id }, header: ifMatch(resource) },
          body: { label: label.trim() === '' ? null : label.trim(), scopes: readScopes(scopes) },
        }),
      ),
    onSuccess: onChange,
  });
  return (
    <Panel title="Scopes">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <TextInput
          label="Label"
          value={label}
          onChange={(event) => setLabel(event.currentTarget.value)}
          maxLength={200}
        />
        <Textarea
          label="Scopes"
          description="One a line"
          value={scopes}
          onChange={(event) => setScopes(event.currentTarget.value)}
          rows={Math.min(10, Math.max(3, resource.scopes.length + 1))}
          spellCheck={false}
          className="code-input"
        />
        {save.error !== null && <FailureNote error={save.error} />}
        <div className="row">
          <Button type="submit" size="xs" loading={save.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Panel>
  );
}
