import type { RefusalReason } from './refusal-reason.ts';
import { VerificationFailure } from './verification-failure.ts';

/** Why something was not accepted, as data: for servers that answer in their own words. */
export interface RejectedCredential {
  readonly accepted: false;
  readonly reason: RefusalReason;
  /** What would have been accepted, for the operator. */
  readonly expected: string | undefined;
  /** What came instead, sanitised; never a token or a part of one that could be replayed. */
  readonly received: string | undefined;
  /** A sentence that may be told to whoever sent it. */
  readonly description: string;
  /** When asking again makes sense, where a dependency failed, in seconds. */
  readonly retryAfterSeconds: number | undefined;
  /** Headers that the refusal must carry. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Turns a failure into data; everything else is thrown on. */
export function toRejection(error: unknown): RejectedCredential {
  if (!(error instanceof VerificationFailure)) throw error;
  const { expected, received, description, retryAfterSeconds, responseHeaders } = error.details;
  return {
    accepted: false,
    reason: error.reason,
    expected,
    received,
    description,
    retryAfterSeconds,
    headers: responseHeaders ?? {},
  };
}
