import { assertKnownOptions } from '../../known-options.ts';
import { copyTokenRecord, type TokenRecord } from './token-record.ts';
import type { TokenStore } from './token-store.ts';

/** Options of {@link createMemoryTokenStore}. */
export interface MemoryTokenStoreOptions {
  /** Most records kept, 1 to 1,000,000; past it the one not used for longest is dropped. Default 10,000. */
  readonly maxEntries?: number | undefined;
  /** The current time in milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
}

interface Entry {
  readonly version: string;
  readonly record: TokenRecord;
  readonly expiresAt: number;
}

/**
 * A token store in the memory of one process.
 *
 * Dropping a record costs one token request, or a second one where it held the lease of a renewal.
 *
 * @throws TypeError naming the option and the mend
 */
export function createMemoryTokenStore(options: MemoryTokenStoreOptions = {}): TokenStore {
  assertKnownOptions(options, ['maxEntries', 'now'], 'createMemoryTokenStore');
  const { maxEntries = 10_000, now = Date.now } = options;
  if (!Number.isInteger(maxEntries) || maxEntries < 1 || maxEntries > 1_000_000) {
    throw new TypeError('createMemoryTokenStore: maxEntries must be a whole number from 1 to 1,000,000.');
  }
  if (typeof now !== 'function') throw new TypeError('createMemoryTokenStore: now must be a function.');
  // In the order of their last use.
  const entries = new Map<string, Entry>();
  let writes = 0;

  function find(key: string): Entry | undefined {
    const entry = entries.get(key);
    if (entry === undefined) return undefined;
    entries.delete(key);
    if (entry.expiresAt <= now()) return undefined;
    entries.set(key, entry);
    return entry;
  }

  return {
    async read(key) {
      const entry = find(key);
      return entry === undefined ? undefined : { version: entry.version, record: entry.record };
    },
    async compareAndSet(key, expectedVersion, record, { expiresAt }) {
      const copy = record === undefined ? undefined : copyTokenRecord(record);
      if (record !== undefined && copy === undefined) throw new TypeError('This is not a token record.');
      if (find(key)?.version !== expectedVersion) return false;
      entries.delete(key);
      if (copy === undefined || expiresAt <= now()) return true;
      writes += 1;
      entries.set(key, { version: String(writes), record: copy, expiresAt });
      if (entries.size > maxEntries) {
        const [oldest] = entries.keys();
        if (oldest !== undefined) entries.delete(oldest);
      }
      return true;
    },
  };
}
