import { boundaries } from './boundaries.ts';
import type { Comparison } from './comparison.ts';
import { concurrency } from './concurrency.ts';
import { failures } from './failures.ts';

/** Everything in which the official client and ours are compared. */
export const comparisons: readonly Comparison[] = [...concurrency, ...failures, ...boundaries];
