import { printable } from '../../printable-text.ts';

/**
 * Validates the host name of an identity provider's tenant, without scheme and path, and returns it in lower
 * case.
 *
 * @throws TypeError naming the option and the mend
 */
export function parseProviderHost(value: unknown, option: string, example: string): string {
  if (typeof value === 'string' && /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(value)) return value.toLowerCase();
  throw new TypeError(
    `${option} must be a host name alone, such as "${example}", without "https://" and path, received ${printable(value)}.`,
  );
}
