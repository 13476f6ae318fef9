import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildToken, NOW } from './build-token.ts';
import { STRICTER_ELSEWHERE, STRICTER_HERE, type ExplainedClass } from './explained-classes.ts';
import { createJudges, type Judges } from './judges.ts';
import { createPublishedKeys, type PublishedKeys } from './published-keys.ts';
import type { TokenSpec } from './token-spec.ts';
import { tokenSpecs } from './token-specs.ts';
import { viewToken } from './token-view.ts';

const TOKENS = 10_000;
const SEED = 9068;

let keys: PublishedKeys;
let judges: Judges;
const counts = new Map<string, { tokens: number; jose: number; oauth4webapi: number }>();

function count(name: string, joseDiffers = false, oauth4webapiDiffers = false): void {
  const { tokens, jose, oauth4webapi } = counts.get(name) ?? { tokens: 0, jose: 0, oauth4webapi: 0 };
  counts.set(name, {
    tokens: tokens + 1,
    jose: jose + Number(joseDiffers),
    oauth4webapi: oauth4webapi + Number(oauth4webapiDiffers),
  });
}

beforeAll(async () => {
  // The peer reads the clock of the process.
  vi.useFakeTimers({ toFake: ['Date'], now: NOW * 1000 });
  keys = createPublishedKeys();
  judges = await createJudges(keys);
});

afterAll(async () => {
  vi.useRealTimers();
  await judges.close();
  const rows = [...counts].map(([name, row]) => [name, ...Object.values(row).map(String)]);
  const lines = [['', 'tokens', 'jose', 'oauth4webapi'], ...rows].map(([name = '', ...cells]) =>
    [name.padEnd(64), ...cells.map((cell) => cell.padStart(13))].join(''),
  );
  console.info(lines.join('\n'));
});

/** Judges one token, counts the outcome, and throws for a disagreement that nothing explains. */
async function compare(spec: TokenSpec): Promise<void> {
  const token = buildToken(spec, keys);
  const { refusedFor, joseAccepts, oauth4webapiAccepts } = await judges.judge(token);
  const accepted = refusedFor === undefined;
  if (accepted === joseAccepts && accepted === oauth4webapiAccepts) {
    count(accepted ? 'accepted by all' : 'refused by all');
    return;
  }
  const view = viewToken(token);
  const explains = ({ reasons, holds }: ExplainedClass): boolean =>
    (refusedFor === undefined || reasons.includes(refusedFor)) && holds(view);
  const explanation = (accepted ? STRICTER_ELSEWHERE : STRICTER_HERE).find(explains);
  if (explanation === undefined) {
    const verdict = `we: ${refusedFor ?? 'accepted'}, jose: ${joseAccepts}, oauth4webapi: ${oauth4webapiAccepts}`;
    throw new Error(`${verdict}\n${JSON.stringify([view.header, view.claims])}\n${token}`);
  }
  count(explanation.name, joseAccepts !== accepted, oauth4webapiAccepts !== accepted);
}

describe('our verdict on an access token beside those of jose and oauth4webapi', () => {
  it(`is the same or stricter, and explained where it differs, for ${TOKENS} tokens`, async () => {
    await fc.assert(fc.asyncProperty(tokenSpecs, compare), { numRuns: TOKENS, seed: SEED });
    const judged = [...counts.values()].reduce((sum, { tokens }) => sum + tokens, 0);
    expect(judged).toBe(TOKENS);
    expect(counts.get('accepted by all')?.tokens).toBeGreaterThan(TOKENS / 10);
    expect(counts.get('refused by all')?.tokens).toBeGreaterThan(TOKENS / 5);
  }, 120_000);

  it.each([...STRICTER_HERE, ...STRICTER_ELSEWHERE])(
    'differs for a reason: $name ($reference)',
    ({ name }) => {
      expect(counts.get(name)?.tokens).toBeGreaterThan(0);
    },
  );
});
