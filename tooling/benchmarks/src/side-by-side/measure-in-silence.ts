import type { Comparison } from './comparison.ts';
import type { Contestant } from './contestant.ts';

/** Plays one scenario without a word: the official client says on the console what it cannot do. */
export async function measureInSilence({ measure }: Comparison, contestant: Contestant): Promise<number> {
  const { warn } = console;
  console.warn = () => undefined;
  try {
    return await measure(contestant);
  } finally {
    console.warn = warn;
  }
}
