import { expect, it } from 'vitest';

import { exitCodeOf, formatTree, type Diagnosis, type DiagnosisStep, type Finding } from '../../src/index.ts';

const FINDING: Finding = {
  code: 'token_expired',
  severity: 'warning',
  message: 'The token ended 60 seconds ago.',
  fix: 'Request a new one; a token source does that by itself before the old one ends.',
  link: 'https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4',
};
const STEP: DiagnosisStep = {
  name: 'token',
  title: 'The token itself',
  status: 'warned',
  sent: undefined,
  expected: 'an access token',
  received: 'another one',
  durationMilliseconds: 7,
  findings: [FINDING],
};
const BROKEN: Diagnosis = {
  url: 'https://mcp.example.com/mcp',
  outcome: 'broken',
  verdict: FINDING,
  steps: [
    STEP,
    { ...STEP, name: 'tools', title: 'tools/list', status: 'skipped', received: 'not reached', findings: [] },
  ],
  tools: undefined,
  startedAt: '2026-11-20T20:00:00.000Z',
  durationMilliseconds: 8,
};

it('shows every step, and the verdict once, at the end', () => {
  expect(formatTree(BROKEN, { width: 60 })).toBe(`https://mcp.example.com/mcp
! The token itself 7 ms
  │ expected an access token
  │ received another one
· tools/list (not reached)

✖ The connection does not work.
  ├ The token ended 60 seconds ago.
  ├ → Request a new one; a token source does that by itself
  │   before the old one ends.
  └ token_expired: https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4`);
});

it('colours on demand only', () => {
  // eslint-disable-next-line no-control-regex
  const escapes = /\u001B\[\d+m/g;
  expect(formatTree(BROKEN)).not.toMatch(escapes);
  expect(formatTree(BROKEN, { color: true }).replace(escapes, '')).toBe(formatTree(BROKEN));
});

it('ends with 1 where something is broken, and with 0 otherwise', () => {
  expect((['healthy', 'incomplete', 'broken'] as const).map((outcome) => exitCodeOf({ outcome }))).toEqual([
    0, 0, 1,
  ]);
});
