/**
 * Remembers which proofs were used. Give several instances of a server one store, or a proof is good once on
 * each of them.
 */
export interface ReplayStore {
  /**
   * Records a proof, atomically: of several calls with one key exactly one is answered `true`.
   *
   * @param key - identifies the proof; at most 400 characters
   * @param expiresAt - until when it must be remembered, in seconds since the epoch
   * @returns whether this was the first use
   * @throws anything when it cannot tell: the request is then answered 503
   */
  useOnce(key: string, expiresAt: number): boolean | Promise<boolean>;
}

/** Bounds of {@link createMemoryReplayStore}. */
export interface MemoryReplayStoreOptions {
  /** Most proofs that are remembered; past it no further proof is accepted. Default 1,000,000. */
  readonly maxEntries?: number;
  /** Current time in milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number;
}

const BUCKET_SECONDS = 30;

/**
 * A replay store in the memory of one process.
 *
 * Entries are kept by the half minute in which they expire, so that forgetting costs nothing. When it is full
 * it refuses rather than forgets.
 */
export function createMemoryReplayStore(options: MemoryReplayStoreOptions = {}): ReplayStore {
  const now = options.now ?? Date.now;
  const maxEntries = options.maxEntries ?? 1_000_000;
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

  return {
    useOnce: (key, expiresAt) => {
      const nowSeconds = now() / 1000;
      if (nowSeconds - sweptAt >= BUCKET_SECONDS || size >= maxEntries) sweep(nowSeconds);
      const bucket = Math.floor(expiresAt / BUCKET_SECONDS);
      const keys = buckets.get(bucket) ?? new Set();
      if (keys.has(key)) return false;
      if (size >= maxEntries) throw new Error(`the replay store is full (${maxEntries} proofs)`);
      buckets.set(bucket, keys.add(key));
      size++;
      return true;
    },
  };
}
