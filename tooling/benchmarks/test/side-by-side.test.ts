import { expect, it } from 'vitest';
import type { Comparison } from '../src/side-by-side/comparison.ts';
import { comparisons } from '../src/side-by-side/comparisons.ts';
import { officialClient, ourClient } from '../src/side-by-side/contestant.ts';
import { measureInSilence } from '../src/side-by-side/measure-in-silence.ts';

const named = (wanted: (comparison: Comparison) => boolean): (readonly [string, number, Comparison])[] =>
  comparisons.filter(wanted).map((comparison) => [comparison.name, comparison.ours, comparison] as const);

it.each(named(({ slow }) => slow !== true))(
  '%s: %i, and no better with the official client',
  async (_, expected, comparison) => {
    const ours = await measureInSilence(comparison, ourClient);
    const official = await measureInSilence(comparison, officialClient);
    expect(ours).toBe(expected);
    // It may get better, but not better than this.
    expect(comparison.better === 'less' ? official - ours : ours - official).toBeGreaterThanOrEqual(0);
  },
);

it.each(named(({ slow }) => slow === true))('%s: %i', async (_, expected, comparison) => {
  expect(await measureInSilence(comparison, ourClient)).toBe(expected);
});
