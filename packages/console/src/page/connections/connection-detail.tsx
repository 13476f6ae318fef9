import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

import { own, take } from '../api/calls.ts';
import { Badge } from '../parts/badge.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { ForeignText } from '../parts/foreign-text.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { When } from '../parts/when.tsx';
import { goTo, hrefTo, useRoute } from '../shell/route.ts';
import { GRANTS, OUTCOMES, type Connection } from './connection-words.ts';
import { FindingNote, TestSteps } from './test-steps.tsx';
import { ToolList } from './tool-list.tsx';
import { useTest } from './use-test.ts';

/** A saved connection: how it is, what it offers, and tests. */
export function ConnectionDetail({ id }: { id: string }) {
  const queries = useQueryClient();
  const test = useTest();
  const begun = useRef(false);
  // Whoever has just added it wants to know.
  const testAtOnce = useRoute()[3] === 'test';
  const query = useQuery({
    queryKey: ['connections', id],
    queryFn: () => take(own.GET('/connections/{connectionId}', { params: { path: { connectionId: id } } })),
  });
  const runTest = async (): Promise<void> => {
    await test.run(`/connections/${encodeURIComponent(id)}/test`);
    await queries.invalidateQueries({ queryKey: ['connections'] });
  };
  useEffect(() => {
    if (!testAtOnce || begun.current) return;
    begun.current = true;
    history.replaceState(null, '', hrefTo('connections', 'of', id));
    void runTest();
  });
  return (
    <>
      <a href={hrefTo('connections')}>Back to the connections</a>
      <Loaded query={query}>
        {(connection) => (
          <>
            <PageHead
              title={<ForeignText text={connection.label ?? connection.url} most={100} />}
              actions={
                <div className="row">
                  <Button loading={test.state.running} onClick={() => void runTest()}>
                    Test again
                  </Button>
                  <Confirm
                    label="Delete"
                    size="sm"
                    title="Delete this connection?"
                    action={() =>
                      take(
                        own.DELETE('/connections/{connectionId}', { params: { path: { connectionId: id } } }),
                      )
                    }
                    onDone={() => {
                      goTo('connections');
                      queries.removeQueries({ queryKey: ['connections', id] });
                      void queries.invalidateQueries({ queryKey: ['connections'] });
                    }}
                  >
                    The console forgets it with its credential. Nothing changes at the MCP server, nor for its
                    clients.
                  </Confirm>
                </div>
              }
            >
              <span className="wrap-anywhere">{connection.url}</span>
            </PageHead>
            <div className="stack">
              {!connection.readable && (
                <p className="mistake" role="alert">
                  Its credential cannot be decrypted: the console was started with another secretKey. Start it
                  with the one before, or delete the connection and add it again.
                </p>
              )}
              <ConnectionHealth connection={connection} explained={test.state.result !== undefined} />
              {(test.state.running || test.state.steps.length > 0 || test.state.failure !== undefined) && (
                <Panel title="Test">
                  <TestSteps state={test.state} />
                </Panel>
              )}
              <ToolList tools={connection.health?.tools} />
            </div>
          </>
        )}
      </Loaded>
    </>
  );
}

const CREDENTIALS = {
  secret: 'a secret',
  private_key: 'a private key',
  workload_token: 'a source of workload tokens',
  assertion: 'a pasted workload token',
  token: 'a pasted token',
} as const;

/** @param explained - whether a test below says what is wrong */
function ConnectionHealth({ connection, explained }: { connection: Connection; explained: boolean }) {
  const { health, issuer, grant, clientId, credential, scopes, dpop, createdAt, createdBy } = connection;
  return (
    <Panel title="Health">
      <dl className="facts">
        <dt>Health</dt>
        <dd>
          {health === undefined ? (
            <Badge tone="quiet">not tested</Badge>
          ) : (
            <Badge tone={OUTCOMES[health.outcome].tone}>{OUTCOMES[health.outcome].word}</Badge>
          )}{' '}
          {health !== undefined && <When at={health.checkedAt} />}
        </dd>
        <dt>Grant</dt>
        <dd>{GRANTS.find(({ value }) => value === grant)?.label}</dd>
        <dt>Issuer</dt>
        <dd className="wrap-anywhere">
          {issuer ?? <span className="dimmed">what the MCP server names</span>}
        </dd>
        <dt>Client</dt>
        <dd className="wrap-anywhere">
          {clientId ?? <span className="dimmed">none</span>}
          {credential !== undefined && `, by ${CREDENTIALS[credential]}`}
          {dpop && ', tokens bound by DPoP'}
        </dd>
        {scopes !== undefined && (
          <>
            <dt>Scopes</dt>
            <dd>
              <ForeignText text={scopes.join(', ')} />
            </dd>
          </>
        )}
        <dt>Added</dt>
        <dd>
          <When at={createdAt} /> by <ForeignText text={createdBy} most={80} />
        </dd>
      </dl>
      {!explained && health?.verdict !== undefined && <FindingNote finding={health.verdict} />}
    </Panel>
  );
}
