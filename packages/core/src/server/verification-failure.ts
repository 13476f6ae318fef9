import type { RefusalReason } from './refusal-reason.ts';

/** What {@link VerificationFailure} carries for the operator's log; never sent to the peer as it is. */
export interface FailureDetails {
  /** What would have been accepted. */
  readonly expected?: string;
  /** What came instead, sanitised; never a token or a part of one that could be replayed. */
  readonly received?: string;
  /** A sentence that is safe to send to whoever holds the token. */
  readonly description: string;
  /** For `issuer_unavailable`: when asking again makes sense, in seconds. */
  readonly retryAfterSeconds?: number;
  /** The scheme that the token should have come with, where it came with another. */
  readonly neededScheme?: 'Bearer' | 'DPoP';
  /** Headers that the refusal must carry. */
  readonly responseHeaders?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** A token that was not accepted, with the reason. Travels inside core only: callers see a refusal. */
export class VerificationFailure extends Error {
  override readonly name = 'VerificationFailure';
  readonly reason: RefusalReason;
  readonly details: FailureDetails;

  constructor(reason: RefusalReason, details: FailureDetails) {
    super(details.description, details.cause === undefined ? undefined : { cause: details.cause });
    this.reason = reason;
    this.details = details;
  }
}
