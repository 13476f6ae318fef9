import { TokenAcquisitionError } from '../token-acquisition-error.ts';
import type { SharedFailure } from './token-record.ts';

const UNSTATED_WAIT_MILLISECONDS = 1000;
/** Nobody is made to wait longer for what somebody else has met, or for what a wrong clock has written. */
const LONGEST_WAIT_MILLISECONDS = 300_000;

/**
 * What others are told of a failed acquisition: that the authorization server is `unavailable` (429, or 5xx), for as
 * long as it said, within one second and five minutes.
 *
 * Nothing else: an unreachable network, an unreadable secret or a refused credential may be one process's own
 * trouble, and must not become everybody's.
 */
export function sharedFailureOf(error: unknown, now: number): SharedFailure | undefined {
  if (!(error instanceof TokenAcquisitionError) || error.code !== 'unavailable') return undefined;
  const { retryAt, retryAfterSeconds = 0 } = error;
  const stated = retryAt === undefined ? retryAfterSeconds * 1000 : retryAt.getTime() - now;
  const wait = Math.min(Math.max(stated, UNSTATED_WAIT_MILLISECONDS), LONGEST_WAIT_MILLISECONDS);
  return { code: error.code, failedUntil: now + wait };
}

/** Tells whether a failure still stands. One further ahead than any is written comes from a clock that is wrong. */
export function isStanding(failure: SharedFailure | undefined, now: number): failure is SharedFailure {
  if (failure === undefined) return false;
  const remaining = failure.failedUntil - now;
  return remaining > 0 && remaining <= LONGEST_WAIT_MILLISECONDS;
}
