import { readFile } from 'node:fs/promises';

import { usageError } from '../command-error.ts';
import { parsePairs } from '../connection/read-flags.ts';
import type { components } from './api-types.ts';

export type TrustCondition = components['schemas']['TrustCondition'];

/** The conditions of a trust rule as options. */
export interface ConditionFlags {
  readonly equals?: readonly string[];
  readonly oneOf?: readonly string[];
  readonly matches?: readonly string[];
  readonly conditions?: string;
}

/**
 * What the options say a token has to fulfil.
 *
 * @throws CommandError naming the option
 */
export async function readConditions({
  equals = [],
  oneOf = [],
  matches = [],
  conditions,
}: ConditionFlags): Promise<readonly TrustCondition[]> {
  return [
    ...pairs(equals, '--equals').map(([claim, value]) => ({ claim, equals: value })),
    ...pairs(oneOf, '--one-of').map(([claim, values]) => ({
      claim,
      oneOf: values.split(',').map((value) => value.trim()),
    })),
    ...pairs(matches, '--matches').map(([claim, pattern]) => ({ claim, matches: pattern })),
    ...(conditions === undefined ? [] : await readFromFile(conditions)),
  ];
}

/** A condition in a few words. */
export function describeCondition(condition: TrustCondition): string {
  const claim = typeof condition.claim === 'string' ? condition.claim : condition.claim.join(' > ');
  if ('equals' in condition) return `${claim} = ${String(condition.equals)}`;
  return 'oneOf' in condition
    ? `${claim} in ${condition.oneOf.join(', ')}`
    : `${claim} matches ${condition.matches}`;
}

function pairs(given: readonly string[], flag: string): readonly (readonly [string, string])[] {
  return given.flatMap((pair) => Object.entries(parsePairs([pair], flag)));
}

/** For claims within claims, which no option can name. */
async function readFromFile(path: string): Promise<readonly TrustCondition[]> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (Array.isArray(value)) return value as readonly TrustCondition[];
  } catch {
    // Said below.
  }
  throw usageError(
    `--conditions: ${path} must be a JSON array such as [{ "claim": ["kubernetes.io", "namespace"], "equals": "ci" }].`,
  );
}
