/**
 * Wraps a user's listener so that nothing it does reaches whoever reports to it: what it throws, and what the
 * promise of an asynchronous one rejects with, is dropped.
 *
 * @param listener - may be absent
 */
export function createNotifier<T>(listener: ((event: T) => unknown) | undefined): (event: T) => void {
  if (listener === undefined) return () => undefined;
  const deliver = async (event: T): Promise<unknown> => listener(event);
  return (event) => {
    deliver(event).catch(() => undefined);
  };
}
