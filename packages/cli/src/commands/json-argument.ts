import { usageError } from '../command-error.ts';

/**
 * Parses an argument that is a JSON object.
 *
 * @param name - how it is called on the command line
 * @throws CommandError where it is not
 */
export function parseJsonObject(text: string | undefined, name: string): Record<string, unknown> | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw usageError(`${name} must be a JSON object, such as '{"environment":"staging"}'.`);
  }
  return value as Record<string, unknown>;
}
