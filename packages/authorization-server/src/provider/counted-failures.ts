import { errors } from 'oidc-provider';

import type { TokenRefusalReason } from '../token-refusal-reason.ts';
import type { Refusal } from './refusal.ts';

// What somebody without the client's credential can bring about, whether or not there is such a client. What is
// judged after a signature was verified is not among them: who gets so far does not guess.
// Who holds a stolen credential of a client that is disabled, say, is not to learn from the count that it is right.
const COUNTED: ReadonlySet<TokenRefusalReason> = new Set<TokenRefusalReason>([
  'address_not_allowed',
  'assertion_algorithm_not_allowed',
  'assertion_audience_not_issuer',
  'assertion_claim_missing',
  'assertion_issuer_not_client',
  'assertion_key_unknown',
  'assertion_malformed',
  'assertion_signature_invalid',
  'authentication_method_not_registered',
  'client_disabled',
  'client_expired',
  'client_unknown',
  'key_expired',
  'secret_expired',
  'secret_wrong',
]);

/** Tells whether a refusal is counted as a wrong guess. */
export function isCountedFailure({ status, reason }: Refusal): boolean {
  return status === 401 && COUNTED.has(reason);
}

/** The same as an error of the engine, for an attempt that is refused unseen. */
export function throttledError(seconds: number): Error {
  const { status, error, description, reason: detail, headers } = throttledRefusal(seconds);
  const refusal = new errors.CustomOIDCProviderError(error, description, { detail });
  return Object.assign(refusal, { status, statusCode: status, responseHeaders: headers });
}

/**
 * What is answered to too many wrong guesses. `temporarily_unavailable` is the code that clients retry; that
 * of RFC 8628 (`slow_down`) belongs to another grant.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6585#section-4 | RFC 6585 §4}
 */
export function throttledRefusal(seconds: number): Refusal {
  const description = `too many failed attempts to authenticate from this address; try again in ${seconds} seconds`;
  return {
    status: 429,
    error: 'temporarily_unavailable',
    description,
    reason: 'throttled',
    detail: 'too many failed attempts to authenticate',
    headers: { 'Retry-After': String(seconds) },
  };
}
