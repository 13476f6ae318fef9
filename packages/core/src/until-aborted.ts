/**
 * Settles with the promise, or rejects with the signal's reason as soon as it aborts, for work that does
 * not heed the signal itself.
 *
 * Does not stop the work: a promise that loses goes on, and what it settles with is dropped silently.
 *
 * @throws the signal's reason
 */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    // The signal comes first: where both have settled, the caller has already turned away.
    return await Promise.race([aborted, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
