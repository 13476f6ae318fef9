import { env } from 'node:process';
import { AssertionSourceError } from '../../client/grants/assertion-source.ts';

/** Environment variables by their names. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable's value now; `undefined` where it is not set, or empty. */
export function readVariable(environment: Environment = env, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === '' ? undefined : value;
}

/**
 * The value of a variable that a platform sets for its workloads.
 *
 * @param source - who asks, for the message
 * @param hint - what a person can do where it is missing
 * @throws AssertionSourceError where it is not set, or empty
 */
export function requireVariable(
  environment: Environment | undefined,
  name: string,
  source: string,
  hint: string,
): string {
  const value = readVariable(environment, name);
  if (value !== undefined) return value;
  throw new AssertionSourceError(source, {
    from: 'the environment',
    expected: `the variable ${name}`,
    received: 'none',
    hint,
    passing: false,
  });
}
