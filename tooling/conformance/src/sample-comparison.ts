import { startBare, startProtected, type Sample } from './sample-servers.ts';
import { runServerSuite, type ScenarioChecks } from './suite.ts';

/** Which scenarios: the suite's own choice, and what the newer revision requires. */
const CHOICES = [
  ['--suite', 'active'],
  ['--requirements', '2026-07-28'],
] as const;

/** What the protection of one sample costs in conformance. */
export interface Comparison {
  readonly title: string;
  readonly scenarios: number;
  /** Checks that pass without protection. */
  readonly passedBare: number;
  /** Checks that pass without protection and not with it. */
  readonly lost: readonly string[];
}

/**
 * Runs the suite's scenarios for servers against a sample twice: open to everybody, and protected with a valid token
 * in every request.
 */
export async function compareSample(sample: Sample): Promise<readonly Comparison[]> {
  await using open = await startBare(sample);
  await using guarded = await startProtected(sample);
  const comparisons: Comparison[] = [];
  for (const choice of CHOICES) {
    const bare = await runServerSuite(open.url, choice);
    const protectedOnes = passedChecks(await runServerSuite(guarded.url, choice));
    const passedBare = passedChecks(bare);
    comparisons.push({
      title: `${sample.name} ${choice.join(' ')}`,
      scenarios: bare.length,
      passedBare: passedBare.size,
      lost: [...passedBare].filter((name) => !protectedOnes.has(name)),
    });
  }
  return comparisons;
}

/** The names of the checks that passed; one that came several times passed if it always did. */
function passedChecks(results: readonly ScenarioChecks[]): ReadonlySet<string> {
  const names = new Map<string, boolean>();
  for (const { scenario, checks } of results) {
    for (const { id, status } of checks) {
      const name = `${scenario}: ${id}`;
      names.set(name, (names.get(name) ?? true) && (status === 'SUCCESS' || status === 'INFO'));
    }
  }
  return new Set([...names].filter(([, passed]) => passed).map(([name]) => name));
}
