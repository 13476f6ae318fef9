import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import type { Check } from './suite.ts';

/** A complaint of the suite about the authorization server that is right and stays. */
export interface ExpectedFailure {
  /** `<scenario>:<check>`. */
  readonly check: string;
  /** The suite's words, all of them. */
  readonly complaint: string;
  readonly reason: string;
}

/** Reads what the suite may object to in the authorization server. */
export async function readExpectedFailures(): Promise<readonly ExpectedFailure[]> {
  const text = await readFile(new URL('../expected-failures.yml', import.meta.url), 'utf8');
  const { authorization } = parse(text) as { authorization: readonly ExpectedFailure[] };
  return authorization;
}

/** Whether an objection is one of those, word for word. */
export function isExpected(
  scenario: string,
  { id, errorMessage }: Check,
  expected: readonly ExpectedFailure[],
): boolean {
  return expected.some(({ check, complaint }) => check === `${scenario}:${id}` && complaint === errorMessage);
}
