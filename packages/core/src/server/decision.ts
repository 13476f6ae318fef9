import type { RefusalReason } from './refusal-reason.ts';
import type { CallerKind } from './caller.ts';

/** One decision about one request, redacted: nothing in it can be replayed. */
export interface Decision {
  readonly outcome: 'allowed' | 'refused';
  /** Why, when refused. */
  readonly reason: RefusalReason | undefined;
  /** HTTP status, when refused. */
  readonly status: number | undefined;
  /** What would have been accepted. */
  readonly expected: string | undefined;
  /** What came instead. */
  readonly received: string | undefined;
  /** Known once the token is verified. */
  readonly issuer: string | undefined;
  readonly clientId: string | undefined;
  readonly callerKind: CallerKind | undefined;
  /** JSON-RPC methods of the body, a tool behind its method: `tools/call start_deployment`. */
  readonly operations: readonly string[];
  /** Time spent in this package on the request so far, waiting for an authorization server included. */
  readonly durationMilliseconds: number;
}

/** Receives decisions; what it throws or rejects with changes nothing. */
export type DecisionListener = (decision: Decision) => unknown;
