import { Alert, Button, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { admin, take, type AdminSchemas } from '../api/calls.ts';
import { Badge } from '../parts/badge.tsx';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { ForeignText, showForeign } from '../parts/foreign-text.tsx';
import { Panel } from '../parts/panel.tsx';
import { decodeToken } from './decode-token.ts';

type Result = AdminSchemas['DryRunResult'];

const STEP_TONES = { passed: 'good', failed: 'bad', 'not reached': 'quiet' } as const;

const STEPS: readonly Column<Result['steps'][number]>[] = [
  { title: 'Step', heading: true, cell: ({ step }) => step },
  { title: 'Outcome', cell: ({ outcome }) => <Badge tone={STEP_TONES[outcome]}>{outcome}</Badge> },
  { title: 'Expected', cell: ({ expected }) => expected !== undefined && <ForeignText text={expected} /> },
  { title: 'Received', cell: ({ received }) => received !== undefined && <ForeignText text={received} /> },
];

const RULES: readonly Column<Result['rules'][number]>[] = [
  {
    title: 'Rule for',
    heading: true,
    cell: ({ clientId }) => <span className="wrap-anywhere">{clientId}</span>,
  },
  {
    title: 'Holds',
    cell: ({ fulfilled }) => <Badge tone={fulfilled ? 'good' : 'quiet'}>{fulfilled ? 'yes' : 'no'}</Badge>,
  },
  {
    title: 'What does not hold',
    cell: ({ unmet }) =>
      unmet.map(({ claim, expected, received }) => (
        <div key={claim}>
          <ForeignText text={`${claim}: expected ${expected}, received ${received}`} />
        </div>
      )),
  },
];

/** Tries a token: it is read in this browser, and sent only when one asks for it. */
export function DryRun() {
  const [token, setToken] = useState('');
  const decoded = token.trim() === '' ? undefined : decodeToken(token);
  const tryIt = useMutation({
    mutationFn: () => take(admin.POST('/admin/v1/trust/dry-run', { body: { token: token.trim() } })),
  });
  return (
    <Panel title="Dry run">
      <div className="stack">
        <Textarea
          label="Token of a workload"
          description="It is read in this browser. Only “Try it” sends it to the authorization server, which neither keeps nor logs it, and issues nothing."
          value={token}
          onChange={(event) => {
            tryIt.reset();
            setToken(event.currentTarget.value);
          }}
          rows={4}
          spellCheck={false}
          autoComplete="off"
          className="code-input"
        />
        {typeof decoded === 'string' && (
          <p className="mistake" role="alert">
            {decoded}
          </p>
        )}
        {typeof decoded === 'object' && (
          <pre tabIndex={0} aria-label="What the token says" className="decoded">
            <code>{showLines({ ...decoded })}</code>
          </pre>
        )}
        {tryIt.error !== null && <FailureNote error={tryIt.error} />}
        {tryIt.data !== undefined && <DryRunResult result={tryIt.data} />}
        <div className="row">
          <Button
            size="xs"
            loading={tryIt.isPending}
            disabled={typeof decoded !== 'object'}
            onClick={() => tryIt.mutate()}
          >
            Try it
          </Button>
        </div>
      </div>
    </Panel>
  );
}

function DryRunResult({ result: { accepted, summary, steps, rules } }: { result: Result }) {
  return (
    <>
      <Alert
        color={accepted ? 'green' : 'red'}
        variant="outline"
        title={accepted ? 'It would be accepted' : 'It would be refused'}
        role="status"
      >
        <ForeignText text={summary} most={600} />
      </Alert>
      <DataTable
        label="Steps of the dry run"
        columns={STEPS}
        rows={steps}
        keyOf={({ step }) => step}
        empty={null}
      />
      {rules.length > 0 && (
        <DataTable
          label="Rules tried"
          columns={RULES}
          rows={rules}
          keyOf={({ ruleId }) => ruleId}
          empty={null}
        />
      )}
    </>
  );
}

/** JSON in lines, with what turns or hides text shown by its code. */
function showLines(value: object): string {
  return JSON.stringify(value, undefined, 2)
    .split('\n')
    .map((line) => showForeign(line, 500))
    .join('\n');
}
