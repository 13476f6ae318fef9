import { printable } from '../../printable-text.ts';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Validates a GUID and returns it in lower case, as issuers have it.
 *
 * @param meaning - where it is found, for the message
 * @throws TypeError naming the option and the mend
 */
export function parseGuid(value: unknown, option: string, meaning: string): string {
  if (typeof value === 'string' && GUID.test(value)) return value.toLowerCase();
  throw new TypeError(
    `${option} must be ${meaning}, a GUID such as "11111111-2222-3333-4444-555555555555", received ${printable(value)}.`,
  );
}
