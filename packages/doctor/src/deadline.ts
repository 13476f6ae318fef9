/** A bound on how long something may take, which also ends when its owner does. */
export interface Deadline {
  /** Aborts with the owner's reason, or with a `TimeoutError`. */
  readonly signal: AbortSignal;
  /** Whether the time is up. */
  readonly isOver: () => boolean;
  /** To be called when the work has ended, whatever it ended with: no timer and no listener is left. */
  readonly stop: () => void;
}

/**
 * Starts a deadline now.
 *
 * @param owner - ends it early; may live for ever, and keeps nothing of it
 */
export function startDeadline(milliseconds: number, owner: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  let over = false;
  const timer = setTimeout(() => {
    over = true;
    controller.abort(new DOMException(`nothing within ${milliseconds} ms`, 'TimeoutError'));
  }, milliseconds);
  const follow = (): void => controller.abort(owner?.reason);
  if (owner?.aborted === true) follow();
  else owner?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    isOver: () => over,
    stop() {
      clearTimeout(timer);
      owner?.removeEventListener('abort', follow);
    },
  };
}

/**
 * Waits for work that does not heed a signal, as long as the signal allows.
 *
 * @throws the signal's reason
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
