import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { own, take } from '../api/calls.ts';
import { useConnections } from '../api/queries.ts';
import { FailureNote } from '../parts/failure-note.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { goTo, hrefTo } from '../shell/route.ts';
import { ConnectionForm, EMPTY_CONNECTION } from './connection-form.tsx';
import { TestSteps } from './test-steps.tsx';
import { toSettings } from './to-settings.ts';
import { useTest } from './use-test.ts';

/** Adds an MCP server. Ends in a saved connection, or in a sentence that says why not and what to do. */
export function AddConnection() {
  const [draft, setDraft] = useState(EMPTY_CONNECTION);
  const connections = useConnections();
  const queries = useQueryClient();
  const test = useTest();
  const add = useMutation({
    mutationFn: () => take(own.POST('/connections', { body: toSettings(draft) })),
    async onSuccess({ id }) {
      await queries.invalidateQueries({ queryKey: ['connections'] });
      goTo('connections', 'of', id, 'test');
    },
  });
  const missing = draft.url.trim() === '' ? 'Fill in the URL of the MCP server.' : undefined;
  const [asked, setAsked] = useState(false);
  return (
    <>
      <PageHead
        title="Add MCP server"
        actions={<a href={hrefTo('connections')}>Back to the connections</a>}
      />
      <form
        className="panel stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setAsked(true);
          if (missing === undefined) add.mutate();
        }}
      >
        <ConnectionForm
          draft={draft}
          onChange={(part) => {
            add.reset();
            setDraft((before) => ({ ...before, ...part }));
          }}
          workloadTokens={connections.data?.workloadTokens ?? []}
        />
        {asked && missing !== undefined && (
          <p className="mistake" role="alert">
            {missing}
          </p>
        )}
        {add.error !== null && <FailureNote error={add.error} />}
        <div className="row">
          <Button
            variant="default"
            loading={test.state.running}
            onClick={() => {
              setAsked(true);
              if (missing === undefined) void test.run('/connection-tests', toSettings(draft));
            }}
          >
            Test
          </Button>
          <Button type="submit" loading={add.isPending}>
            Add
          </Button>
          <span className="dimmed small">Adding saves it, whether it works yet or not, and tests it.</span>
        </div>
      </form>
      {(test.state.running || test.state.steps.length > 0 || test.state.failure !== undefined) && (
        <Panel title="Test">
          <TestSteps state={test.state} />
        </Panel>
      )}
    </>
  );
}
