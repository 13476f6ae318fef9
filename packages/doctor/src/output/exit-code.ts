import type { Diagnosis } from '../diagnosis.ts';

/**
 * The exit code of a program that has made a diagnosis: 0 where nothing is broken (warnings included), 1 where
 * something is.
 */
export function exitCodeOf({ outcome }: Pick<Diagnosis, 'outcome'>): 0 | 1 {
  return outcome === 'broken' ? 1 : 0;
}
