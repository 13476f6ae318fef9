import { AssertionError } from 'node:assert';
import { isDeepStrictEqual } from 'node:util';

/**
 * Asserts that two values are the same, in depth.
 *
 * @throws AssertionError with both
 */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  const show = (value: unknown): string => JSON.stringify(value, null, 2) ?? 'undefined';
  throw new AssertionError({
    message: `${what} differs.\nexpected ${show(expected)}\nreceived ${show(actual)}`,
    actual,
    expected,
    operator: 'adapterContract',
    stackStartFn: expectSame,
  });
}
