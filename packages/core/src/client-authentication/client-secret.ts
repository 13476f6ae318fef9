import { kindOf } from '../printable-text.ts';

/**
 * A secret, or a function that reads it at every token request (a rotated secret needs no restart).
 *
 * Of what the function throws, only names and codes get into the `cause` of the error: a message may hold the
 * secret.
 */
export type ClientSecret = string | (() => string | Promise<string>);

/** What a function gave is no client secret. The message says why, never the value. */
export class ClientSecretError extends Error {
  override readonly name = 'ClientSecretError';
}

/**
 * Validates a configured secret without showing it.
 *
 * @throws TypeError naming the option and the mend
 */
export function assertClientSecret(value: unknown): asserts value is ClientSecret {
  if (typeof value === 'function') return;
  const problem = describeSecretProblem(value);
  if (problem !== undefined) throw new TypeError(`clientSecret ${problem}`);
}

/**
 * Reads a secret now.
 *
 * @throws ClientSecretError, or what the function throws
 */
export async function readClientSecret(secret: ClientSecret): Promise<string> {
  const value: unknown = typeof secret === 'function' ? await secret() : secret;
  const problem = describeSecretProblem(value);
  if (problem !== undefined) {
    throw new ClientSecretError(`the function given as clientSecret: its value ${problem}`);
  }
  return value as string;
}

function describeSecretProblem(value: unknown): string | undefined {
  if (typeof value !== 'string')
    return `must be a string or a function that returns one, received ${kindOf(value)}.`;
  if (value === '') return 'must not be empty.';
  if (/^[\r\n]|[\r\n]$/.test(value)) {
    return 'begins or ends with a line break, as a file read whole does; trim it.';
  }
  return undefined;
}
