import { AssertionSourceError } from '../grants/assertion-source.ts';
import {
  postponeUntil,
  type TokenAcquisitionError,
  type TokenAcquisitionErrorCode,
} from '../token-acquisition-error.ts';

/** Answers that a repetition does not change: somebody has to act first. */
const LASTING: ReadonlySet<TokenAcquisitionErrorCode> = new Set([
  'invalid_client',
  'invalid_grant',
  'invalid_request',
  'invalid_scope',
  'invalid_target',
  'unauthorized_client',
  'unsupported_grant_type',
  'token_request_refused',
]);

const PASSING_DELAYS = { firstMilliseconds: 1000, longestMilliseconds: 60_000 };
const LASTING_DELAYS = { firstMilliseconds: 30_000, longestMilliseconds: 600_000 };
/** Within these, the server's own `Retry-After` decides. */
const RETRY_AFTER_MILLISECONDS = { least: 1000, most: 300_000 };

/** The memory of failed acquisitions. */
export interface AcquisitionBackOff {
  /** The failure that still stands, with its `retryAt`; `undefined` when the server may be asked. */
  standing(): TokenAcquisitionError | undefined;
  /** The last failure since the last success, whether or not it still stands, with that time put to it. */
  latest(retryAt: Date): TokenAcquisitionError | undefined;
  /** Remembers a failure and returns it with the time before which nothing is asked again. */
  failed(error: TokenAcquisitionError): TokenAcquisitionError;
  succeeded(): void;
}

/**
 * Decides when a failed acquisition may be tried again: after an outage from about one second, doubled up
 * to a minute; after a refusal that does not heal by itself from about 30 seconds, doubled up to ten
 * minutes. `Retry-After` is honoured between one second and five minutes.
 */
export function createAcquisitionBackOff(now: () => number): AcquisitionBackOff {
  let last: { readonly error: TokenAcquisitionError; readonly until: number } | undefined;
  let failures = 0;
  return {
    standing: () => (last === undefined || now() >= last.until ? undefined : last.error),
    latest: (retryAt) => (last === undefined ? undefined : postponeUntil(last.error, retryAt)),
    failed(error) {
      const stood = last !== undefined && now() < last.until ? last : undefined;
      // What was under way together has met one outage, not many.
      if (stood === undefined) failures += 1;
      const until = now() + delayMilliseconds(error, failures);
      if (stood !== undefined && stood.until >= until) return postponeUntil(error, new Date(stood.until));
      last = { error: postponeUntil(error, new Date(until)), until };
      return last.error;
    },
    succeeded() {
      last = undefined;
      failures = 0;
    },
  };
}

function isLasting({ code, cause }: TokenAcquisitionError): boolean {
  return LASTING.has(code) || (cause instanceof AssertionSourceError && !cause.passing);
}

function delayMilliseconds(error: TokenAcquisitionError, failures: number): number {
  if (error.retryAfterSeconds !== undefined) {
    const { least, most } = RETRY_AFTER_MILLISECONDS;
    return Math.min(Math.max(error.retryAfterSeconds * 1000, least), most);
  }
  const { firstMilliseconds, longestMilliseconds } = isLasting(error) ? LASTING_DELAYS : PASSING_DELAYS;
  const delay = Math.min(firstMilliseconds * 2 ** Math.min(failures - 1, 20), longestMilliseconds);
  return Math.round(delay * (0.75 + Math.random() * 0.5));
}
