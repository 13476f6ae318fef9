import { assertKnownOptions, printable } from '@mcp-m2m/core';

/** How failed authentications are slowed. */
export interface ThrottlingOptions {
  /** Failures of one client from one address within the window, 1 to 1000; 10 unless given. */
  readonly failuresPerClient?: number;
  /** Failures of all clients together from one address within the window, 1 to 100000; 100 unless given. */
  readonly failuresPerAddress?: number;
  /** How long failures are counted, 1 to 86400 seconds; 60 unless given. */
  readonly windowSeconds?: number;
  /** How long further attempts are refused, 1 to 86400 seconds; 60 unless given. */
  readonly blockSeconds?: number;
}

/** The options once validated. */
export type ThrottlingRules = Required<ThrottlingOptions>;

const BOUNDS = {
  failuresPerClient: { standard: 10, most: 1000 },
  failuresPerAddress: { standard: 100, most: 100_000 },
  windowSeconds: { standard: 60, most: 86_400 },
  blockSeconds: { standard: 60, most: 86_400 },
} as const;

/**
 * Validates the option `throttling`.
 *
 * @throws TypeError naming the member and what it may be
 */
export function parseThrottling(value: ThrottlingOptions = {}): ThrottlingRules {
  assertKnownOptions(value, Object.keys(BOUNDS), 'throttling');
  const read = (name: keyof typeof BOUNDS): number => {
    const { standard, most } = BOUNDS[name];
    const given: unknown = value[name] ?? standard;
    if (typeof given !== 'number' || !Number.isInteger(given) || given < 1 || given > most) {
      throw new TypeError(
        `throttling.${name} must be a whole number from 1 to ${most}, received ${printable(given)}.`,
      );
    }
    return given;
  };
  const rules = {
    failuresPerClient: read('failuresPerClient'),
    failuresPerAddress: read('failuresPerAddress'),
    windowSeconds: read('windowSeconds'),
    blockSeconds: read('blockSeconds'),
  };
  if (rules.failuresPerAddress < rules.failuresPerClient) {
    throw new TypeError(
      'throttling.failuresPerAddress must not be less than throttling.failuresPerClient: one client would block all others of its address.',
    );
  }
  return rules;
}
