import { startDeadline } from '../../deadline.ts';
import { createNotifier } from '../../listener.ts';
import { untilAborted } from '../../until-aborted.ts';
import { nameStoreFailure, TokenStoreError, type TokenStoreOperation } from './token-store-error.ts';
import type { TokenRecord } from './token-record.ts';
import type { TokenStore, VersionedRecord } from './token-store.ts';

/** How long a store is left alone after it has failed. */
const PAUSE_MILLISECONDS = 5000;
/** How long an answer that comes after its time is still looked for: it may be here, and merely unread. */
const GRACE_MILLISECONDS = 20;
/** A lasting failure is told once in this time. */
const TELL_AGAIN_MILLISECONDS = 60_000;

/** The answer of a store; `undefined` when it gave none in time, or is not asked at the moment. */
export type StoreAnswer<T> = Promise<{ readonly value: T } | undefined>;

/** A token store that neither throws nor keeps anybody waiting. */
export interface GuardedStore {
  read(key: string): StoreAnswer<VersionedRecord | undefined>;
  compareAndSet(
    key: string,
    expectedVersion: string | undefined,
    record: TokenRecord | undefined,
    options: { readonly expiresAt: number },
  ): StoreAnswer<boolean>;
}

/** Options of {@link guardStore}. */
export interface GuardedStoreOptions {
  /** How long one answer may take. Default 500. */
  readonly timeoutMilliseconds?: number | undefined;
  /** Told of a failure, at most once a minute; what it throws changes nothing. */
  readonly onFailure?: ((error: TokenStoreError) => unknown) | undefined;
  /** A clock in milliseconds that never goes back, from any start. Default: `performance.now`. */
  readonly monotonicNow?: (() => number) | undefined;
}

/**
 * Guards a store: after a failure it is left alone for five seconds, then asked by one while the others still do
 * without. Wrap a store once and renew through that one object, as it remembers.
 *
 * Does not stop what hangs: a client that queues commands may carry them out much later.
 */
export function guardStore(store: TokenStore, options: GuardedStoreOptions = {}): GuardedStore {
  const { timeoutMilliseconds = 500, monotonicNow = () => performance.now() } = options;
  const notify = createNotifier(options.onFailure);
  let failing = false;
  let askAgainAt = 0;
  let tellAgainAt = Number.NEGATIVE_INFINITY;

  async function attempt<T>(operation: TokenStoreOperation, work: () => Promise<T>): StoreAnswer<T> {
    if (failing) {
      if (monotonicNow() < askAgainAt) return undefined;
      askAgainAt = monotonicNow() + PAUSE_MILLISECONDS;
    }
    const deadline = startDeadline(timeoutMilliseconds);
    const answer = async () => work();
    try {
      const answering = answer();
      const value = await untilAborted(answering, deadline.signal).catch((cause: unknown) => {
        if (!deadline.signal.aborted) throw cause;
        return letIn(answering);
      });
      failing = false;
      return { value };
    } catch (cause) {
      failing = true;
      askAgainAt = monotonicNow() + PAUSE_MILLISECONDS;
      if (monotonicNow() >= tellAgainAt) {
        tellAgainAt = monotonicNow() + TELL_AGAIN_MILLISECONDS;
        notify(describe(operation, cause, deadline.signal.aborted, timeoutMilliseconds));
      }
      return undefined;
    } finally {
      deadline.stop();
    }
  }

  return {
    read: (key) => attempt('read', () => store.read(key)),
    compareAndSet: (...change) => attempt('compare_and_set', () => store.compareAndSet(...change)),
  };
}

/** Timers come before input: what arrived while this process itself stood still is let in first. */
async function letIn<T>(answering: Promise<T>): Promise<T> {
  const grace = startDeadline(GRACE_MILLISECONDS);
  try {
    return await untilAborted(answering, grace.signal);
  } finally {
    grace.stop();
  }
}

function describe(
  operation: TokenStoreOperation,
  cause: unknown,
  timedOut: boolean,
  timeoutMilliseconds: number,
): TokenStoreError {
  if (cause instanceof TokenStoreError) return cause;
  if (timedOut)
    return new TokenStoreError(operation, `an answer within ${timeoutMilliseconds} ms`, 'none in time');
  return new TokenStoreError(operation, 'an answer', nameStoreFailure(cause));
}
