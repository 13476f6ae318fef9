import { sanitizeText } from '@mcp-m2m/core';

import { CommandError } from '../command-error.ts';
import { EXIT_CODES } from '../exit-code.ts';

/** What a call of the API comes to. */
interface Outcome<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

interface Problem {
  readonly code?: unknown;
  readonly detail?: unknown;
  readonly title?: unknown;
}

const MOST_CHARACTERS = 2000;

/** What to do beside what the server says, by the code of its refusal. */
const ADVICE: Readonly<Record<string, string>> = {
  revision_mismatch: 'Look at it again with "show", and repeat the change with the revision it prints.',
  resource_in_use: 'Add --remove-access to take it from those clients as well.',
  rotation_not_started: 'Start one with "mcp-m2m secrets rotate start".',
};

/**
 * The answer of a call.
 *
 * @throws CommandError with the server's own words when it refuses
 * @see {@link https://www.rfc-editor.org/rfc/rfc9457 | RFC 9457}
 */
export async function expectAnswer<T>(call: Promise<Outcome<T>>): Promise<NonNullable<T>> {
  const outcome = await call;
  refuse(outcome);
  return outcome.data as NonNullable<T>;
}

/** Waits for a call that has no answer but that it is done. */
export async function expectDone(call: Promise<Outcome<unknown>>): Promise<void> {
  refuse(await call);
}

function refuse({ error, response }: Outcome<unknown>): void {
  const { status, ok } = response;
  if (ok) return;
  const { code, detail, title } = (typeof error === 'object' && error !== null ? error : {}) as Problem;
  const said = [detail, title].find((words) => typeof words === 'string' && words !== '');
  const words =
    typeof said === 'string'
      ? sanitizeText(said, MOST_CHARACTERS)
      : `The server answers with status ${status}, and not as an administrative API does. Is its adminApi on?`;
  const advice = typeof code === 'string' && Object.hasOwn(ADVICE, code) ? `\n${ADVICE[code]}` : '';
  throw new CommandError(
    `${words}${advice}`,
    status === 401 || status === 403 ? EXIT_CODES.refused : EXIT_CODES.failed,
  );
}
