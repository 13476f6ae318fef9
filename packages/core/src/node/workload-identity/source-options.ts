import type { Fetch } from '../../bounded-document.ts';
import { assertKnownOptions } from '../../known-options.ts';
import type { Environment } from './environment.ts';

/** Options of every source of assertions. */
export interface AssertionSourceOptions {
  /**
   * The audience that the assertion is made for, or has to be made for already. Default: the issuer of the
   * authorization server that it goes to (RFC 7523 §3).
   *
   * Whoever an assertion is handed to can present it wherever its audience is accepted: name another one only
   * where the authorization server demands it, never one that stands for somebody else.
   */
  readonly audience?: string | undefined;
}

/** Options of a source that is found by environment variables. */
export interface EnvironmentOptions {
  /** The variables, read at every use. Default: those of the process. */
  readonly environment?: Environment | undefined;
}

/** Options of a source that asks over a connection. */
export interface EndpointOptions extends EnvironmentOptions {
  /** Bound on one answer, in milliseconds. Default 3000. */
  readonly timeoutMilliseconds?: number | undefined;
}

/** Options of a source that asks over HTTP. */
export interface HttpEndpointOptions extends EndpointOptions {
  /** Performs the request. Default: the global `fetch`; for plain http on the local network one that uses no proxy. */
  readonly fetch?: Fetch | undefined;
}

/**
 * Validates the options of a source by their names: `environment` as an object, `fetch` as a function,
 * `timeoutMilliseconds` as a time-out, others as texts; names in `others` are left to the caller.
 *
 * @throws TypeError naming the option and the mend
 */
export function assertSourceOptions(
  options: object,
  known: readonly string[],
  where: string,
  others: readonly string[] = [],
): void {
  assertKnownOptions(options, [...known, ...others], where);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || others.includes(name)) continue;
    assertOption(name, value);
  }
}

function assertOption(name: string, value: unknown): void {
  if (name === 'environment') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new TypeError('environment must be an object of strings; leave it out for process.env.');
    }
  } else if (name === 'fetch') {
    if (typeof value !== 'function') {
      throw new TypeError('fetch must be a function; leave it out for the default.');
    }
  } else if (name === 'timeoutMilliseconds') {
    // setTimeout, which is behind every time-out, counts in 32 bits.
    if (!Number.isInteger(value) || Number(value) < 1 || Number(value) > 0x7fffffff) {
      throw new TypeError(
        'timeoutMilliseconds must be a whole number of milliseconds, at least 1; leave it out for the default.',
      );
    }
  } else if (typeof value !== 'string' || value === '' || value.includes('\0')) {
    throw new TypeError(`${name} must be a non-empty string; leave it out if there is none.`);
  }
}
