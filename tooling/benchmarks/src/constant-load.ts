import { setTimeout } from 'node:timers/promises';

/** What became of the requests of a load. */
export interface LoadResult {
  /** Milliseconds of each that was answered with success. */
  readonly latencies: readonly number[];
  readonly failed: number;
}

/**
 * Sends requests at a constant rate, whether or not those before have been answered: one that is delayed delays no
 * other.
 *
 * @param send - sends one; told how many came before
 */
export async function applyConstantLoad(
  send: (count: number) => Promise<Response>,
  options: { readonly everyMilliseconds: number; readonly seconds: number },
): Promise<LoadResult> {
  const latencies: number[] = [];
  let failed = 0;
  const sendOne = async (count: number): Promise<void> => {
    const sentAt = performance.now();
    try {
      const response = await send(count);
      await response.arrayBuffer();
      if (response.ok) latencies.push(performance.now() - sentAt);
      else failed += 1;
    } catch {
      failed += 1;
    }
  };
  const pending: Promise<void>[] = [];
  const startedAt = performance.now();
  while (pending.length * options.everyMilliseconds < options.seconds * 1000) {
    const early = startedAt + pending.length * options.everyMilliseconds - performance.now();
    if (early > 0) await setTimeout(early);
    pending.push(sendOne(pending.length));
  }
  await Promise.all(pending);
  return { latencies, failed };
}
