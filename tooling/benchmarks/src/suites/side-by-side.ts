import type { Measurement, Suite } from '../measurement.ts';
import { comparisons } from '../side-by-side/comparisons.ts';
import { officialClient, ourClient } from '../side-by-side/contestant.ts';
import { measureInSilence } from '../side-by-side/measure-in-silence.ts';

/** What either client does to its authorization server and its callers, in counts. */
export const sideBySide: Suite = {
  name: 'Side by side with the official client',
  description:
    "The SDK's ClientCredentialsProvider and this project's token source in the same scenarios, one object each, on a clock that is moved rather than waited for.",
  run: async () => {
    const measurements: Measurement[] = [];
    for (const comparison of comparisons) {
      const { name, unit, ours, better } = comparison;
      const target = better === 'less' ? { atMost: ours } : { atLeast: ours };
      measurements.push(
        {
          name: `${name}: ${ourClient.name}`,
          value: await measureInSilence(comparison, ourClient),
          unit,
          target,
        },
        { name: `  ${officialClient.name}`, value: await measureInSilence(comparison, officialClient), unit },
      );
    }
    return measurements;
  },
};
