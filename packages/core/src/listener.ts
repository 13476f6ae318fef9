/**
 * Wraps a user's listener so that nothing it does reaches whoever reports to it: what it throws, and what the
 * promise of an asynchronous one rejects with, is dropped.
 *
 * @param listener - may be absent
 */
export function createNotifier<T>(listener: ((event: T) => unknown) | undefined): (event: T) => void {
  if (listener === undefined) return () => undefined;
  return (event) => {
    try {
      const result = listener(event);
      if (result instanceof Promise) result.catch(() => undefined);
    } catch {
      // A broken listener must not change what it is told of.
    }
  };
}
