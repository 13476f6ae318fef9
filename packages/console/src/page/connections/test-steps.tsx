import { Alert } from '@mantine/core';

import type { ConsoleSchemas } from '../api/calls.ts';
import { ForeignText, showForeign } from '../parts/foreign-text.tsx';
import { OUTCOMES } from './connection-words.ts';
import type { TestState } from './use-test.ts';

type Finding = ConsoleSchemas['Finding'];

const MARKS = { passed: '✓', warned: '!', failed: '✕', skipped: '–' } as const;

/** A test as it goes: its steps as they end, and what came of it. */
export function TestSteps({ state }: { state: TestState }) {
  const { running, steps, result, failure } = state;
  if (!running && steps.length === 0 && failure === undefined) return null;
  return (
    <div className="stack" aria-busy={running}>
      <div role="status" className="test-verdict">
        {running && <p className="plain">Testing… {steps.length} steps so far.</p>}
        {failure !== undefined && (
          <Alert color="red" variant="outline" title="The test could not be run">
            <ForeignText text={failure} most={1000} />
          </Alert>
        )}
        {result !== undefined && <Verdict result={result} />}
      </div>
      {steps.length > 0 && (
        <ol className="steps" aria-label="Steps of the test">
          {steps.map((step) => (
            <li key={step.name} className={`step step-${step.status}`}>
              <div className="step-head">
                <span className="step-mark" aria-hidden="true">
                  {MARKS[step.status]}
                </span>
                <span className="step-title">{step.title}</span>
                <span className="dimmed small">
                  {step.status}
                  {step.status === 'skipped' ? '' : `, ${step.durationMilliseconds} ms`}
                </span>
              </div>
              {step.findings.map((finding) => (
                <FindingNote key={finding.code} finding={finding} />
              ))}
              <StepDetails step={step} />
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

function Verdict({ result: { outcome, verdict, tools } }: { result: NonNullable<TestState['result']> }) {
  const { tone } = OUTCOMES[outcome];
  const title = {
    healthy: `It works${tools === undefined ? '' : `: ${tools.length} tools`}`,
    incomplete: 'As far as one comes without a credential, it works',
    broken: 'It does not work',
  }[outcome];
  return (
    <Alert
      color={{ good: 'green', warn: 'yellow', bad: 'red', quiet: 'gray' }[tone]}
      variant="outline"
      title={title}
    >
      {verdict === undefined ? 'Nothing is wrong.' : <FindingNote finding={verdict} />}
    </Alert>
  );
}

/** What is wrong and what to do. */
export function FindingNote({ finding }: { finding: Finding }) {
  return (
    <div className={`finding finding-${finding.severity}`}>
      <p className="plain">
        <ForeignText text={finding.message} most={600} />
      </p>
      <p className="plain">
        <strong>What to do:</strong> <ForeignText text={finding.fix} most={600} />{' '}
        <a href={finding.link} target="_blank" rel="noreferrer noopener">
          Read more<span className="visually-hidden"> about {finding.code} (opens a new tab)</span>
        </a>
      </p>
    </div>
  );
}

function StepDetails({ step }: { step: ConsoleSchemas['Step'] }) {
  const rows = [
    ['Sent', step.sent],
    ['Expected', step.expected],
    ['Received', step.received],
  ].filter((row): row is [string, string] => row[1] !== undefined);
  if (rows.length === 0) return null;
  return (
    <details>
      <summary>Details</summary>
      <dl className="facts small">
        {rows.map(([name, text]) => (
          <div key={name} className="facts-row">
            <dt>{name}</dt>
            <dd className="wrap-anywhere">{showForeign(text, 1000)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
