/** A secret, or a function that reads it at every token request (a rotated secret needs no restart). */
export type ClientSecret = string | (() => string | Promise<string>);

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
 * @throws Error that says what is wrong with the value, never the value; or what the function throws
 */
export async function readClientSecret(secret: ClientSecret): Promise<string> {
  const value: unknown = typeof secret === 'function' ? await secret() : secret;
  const problem = describeSecretProblem(value);
  if (problem !== undefined) throw new Error(`the function given as clientSecret: its value ${problem}`);
  return value as string;
}

function describeSecretProblem(value: unknown): string | undefined {
  if (typeof value !== 'string')
    return `must be a string or a function that returns one, not ${kind(value)}.`;
  if (value === '') return 'must not be empty.';
  if (/^[\r\n]|[\r\n]$/.test(value)) {
    return 'begins or ends with a line break, as a file read whole does; trim it.';
  }
  return undefined;
}

function kind(value: unknown): string {
  return value === undefined ? 'nothing' : value === null ? 'null' : `a value of type ${typeof value}`;
}
