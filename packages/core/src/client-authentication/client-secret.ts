import { kindOf } from '../printable-text.ts';
import type { TokenRequest } from './client-authentication.ts';
import { digestOf } from './credential-revision.ts';

/**
 * A secret, or a function that reads it at every token request (a rotated secret needs no restart).
 *
 * Of what the function throws, only names and codes get into the `cause` of the error: a message may hold the
 * secret. A {@link ClientSecretError} is shown as it is.
 */
export type ClientSecret = string | (() => string | Promise<string>);

/**
 * The secret, key or signature that was to prove the client's identity cannot be had or used.
 *
 * It is shown to the operator with its message and cause: whoever throws one vouches that neither holds a secret.
 */
export class ClientSecretError extends Error {
  override readonly name = 'ClientSecretError';
}

/** What is wrong with a secret, beyond what is wrong with any: words to follow `clientSecret`. */
export type DescribeSecretProblem = (secret: string) => string | undefined;

/**
 * Validates a configured secret without showing it.
 *
 * @throws TypeError naming the option and the mend
 */
export function assertClientSecret(
  value: unknown,
  describeProblem?: DescribeSecretProblem,
): asserts value is ClientSecret {
  if (typeof value === 'function') return;
  const problem = problemOf(value, describeProblem);
  if (problem !== undefined) throw new TypeError(`clientSecret ${problem}`);
}

/**
 * Reads a secret now.
 *
 * @throws ClientSecretError, or what the function throws
 */
export async function readClientSecret(
  secret: ClientSecret,
  describeProblem?: DescribeSecretProblem,
): Promise<string> {
  const value: unknown = typeof secret === 'function' ? await secret() : secret;
  const problem = problemOf(value, describeProblem);
  if (problem !== undefined) {
    throw new ClientSecretError(`the function given as clientSecret: its value ${problem}`);
  }
  return value as string;
}

/**
 * Reads a secret for a request, and notes there which one it was if it can change.
 *
 * @throws as {@link readClientSecret} does
 */
export async function readNotedSecret(
  request: Pick<TokenRequest, 'noteRevision'>,
  secret: ClientSecret,
  describeProblem?: DescribeSecretProblem,
): Promise<string> {
  const value = await readClientSecret(secret, describeProblem);
  if (typeof secret === 'function') request.noteRevision?.(await digestOf(value));
  return value;
}

function problemOf(value: unknown, describeProblem?: DescribeSecretProblem): string | undefined {
  if (typeof value !== 'string')
    return `must be a string or a function that returns one, received ${kindOf(value)}.`;
  if (value === '') return 'must not be empty.';
  if (/^[\r\n]|[\r\n]$/.test(value)) {
    return 'begins or ends with a line break, as a file read whole does; trim it.';
  }
  if (!value.isWellFormed()) return 'holds half of a surrogate pair, which UTF-8 cannot carry.';
  return describeProblem?.(value);
}
