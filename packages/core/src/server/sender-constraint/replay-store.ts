import { assertKnownOptions } from '../../known-options.ts';

/**
 * Remembers which proofs were used. Give several instances of a server one store, or a proof is good once on
 * each of them.
 */
export interface ReplayStore {
  /**
   * Records a proof, atomically: of several calls with one key exactly one is answered `true`.
   *
   * @param key - identifies the proof; at most 300 characters, none of them a control character
   * @param expiresAt - until when it must be remembered, in seconds since the epoch, not always whole
   * @returns whether this was the first use; whatever is not `true` refuses the proof
   * @throws anything when it cannot tell: the request is then answered 503, as it is after 2.5 seconds
   */
  useOnce(key: string, expiresAt: number): boolean | Promise<boolean>;
}

/** Bounds of {@link createMemoryReplayStore}. */
export interface MemoryReplayStoreOptions {
  /** Most proofs that are remembered, 1 to 10,000,000; past it no further proof is accepted. Default 1,000,000. */
  readonly maxEntries?: number;
  /** Current time in milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number;
}

const BUCKET_SECONDS = 30;

/**
 * A replay store in the memory of one process; a restart forgets, which only nonces make up for.
 *
 * Entries are kept by the half minute in which they expire, so that forgetting costs nothing. When it is full
 * it refuses rather than forgets.
 *
 * @throws TypeError naming the option and the mend
 */
export function createMemoryReplayStore(options: MemoryReplayStoreOptions = {}): ReplayStore {
  assertKnownOptions(options, ['maxEntries', 'now'], 'createMemoryReplayStore');
  const { maxEntries = 1_000_000, now = Date.now } = options;
  if (!Number.isInteger(maxEntries) || maxEntries < 1 || maxEntries > 10_000_000) {
    throw new TypeError('createMemoryReplayStore: maxEntries must be a whole number from 1 to 10,000,000.');
  }
  if (typeof now !== 'function') throw new TypeError('createMemoryReplayStore: now must be a function.');
  const buckets = new Map<number, Set<string>>();
  let size = 0;
  let sweptAt = 0;

  const sweep = (nowSeconds: number): void => {
    sweptAt = nowSeconds;
    for (const [bucket, keys] of buckets) {
      if ((bucket + 1) * BUCKET_SECONDS > nowSeconds) continue;
      buckets.delete(bucket);
      size -= keys.size;
    }
  };

  const isKnown = (key: string): boolean => {
    for (const keys of buckets.values()) if (keys.has(key)) return true;
    return false;
  };

  return {
    useOnce: (key, expiresAt) => {
      const nowSeconds = now() / 1000;
      if (nowSeconds - sweptAt >= BUCKET_SECONDS || size >= maxEntries) sweep(nowSeconds);
      // In whichever bucket: a `jti` that comes again with another time is used again too.
      if (isKnown(key)) return false;
      if (size >= maxEntries) throw new Error(`the replay store is full (${maxEntries} proofs)`);
      const bucket = Math.floor(expiresAt / BUCKET_SECONDS);
      const keys = buckets.get(bucket) ?? new Set();
      buckets.set(bucket, keys.add(key));
      size++;
      return true;
    },
  };
}
