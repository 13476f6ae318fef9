/** A bound on how long something may take. */
export interface Deadline {
  /** Aborts with a `TimeoutError` when the time is up. */
  readonly signal: AbortSignal;
  /** To be called when the work has ended, whatever it ended with. */
  readonly stop: () => void;
}

/**
 * Starts a deadline now.
 *
 * `AbortSignal.timeout` cannot be stopped: each of its timers keeps what listens to it until the time is up, which
 * under load is most of the memory in use.
 */
export function startDeadline(milliseconds: number): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new DOMException(`no answer within ${milliseconds} ms`, 'TimeoutError')),
    milliseconds,
  );
  return { signal: controller.signal, stop: () => clearTimeout(timer) };
}
