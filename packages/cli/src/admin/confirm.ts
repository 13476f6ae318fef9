import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';

import { CommandError, usageError } from '../command-error.ts';
import { EXIT_CODES } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';
import type { ConfirmationFlags } from './admin-options.ts';

/**
 * Makes sure that what cannot be undone is meant: asks the person at the terminal, and wants `--yes` where there is none.
 *
 * @param question - says what is going to happen
 * @throws CommandError when it is not meant, or nobody can be asked
 */
export async function confirm(
  { in: input, err, interactive, signal }: Terminal,
  { yes = false }: ConfirmationFlags,
  question: string,
): Promise<void> {
  if (yes) return;
  if (!interactive) throw usageError(`${question} Add --yes to do it: nobody is here to be asked.`);
  const dialogue = createInterface({ input, output: err, terminal: false });
  try {
    // Whoever closes the input has not said yes.
    const closed = once(dialogue, 'close').then(() => '');
    const answer = await Promise.race([dialogue.question(`${question} Go on? (y/N) `, { signal }), closed]);
    if (/^\s*y(?:es)?\s*$/i.test(answer)) return;
  } finally {
    dialogue.close();
  }
  throw new CommandError('Nothing was changed.', EXIT_CODES.failed);
}
