/** A map that keeps only so many entries: those used last. */
export interface RecentEntries<V> {
  /** The value, which counts as used by this. */
  get(key: string): V | undefined;
  set(key: string, value: V): void;
}

/** Creates an empty {@link RecentEntries}. */
export function createRecentEntries<V>(limit: number): RecentEntries<V> {
  const entries = new Map<string, V>();
  const put = (key: string, value: V): void => {
    entries.delete(key);
    entries.set(key, value);
  };
  return {
    get: (key) => {
      const value = entries.get(key);
      if (value !== undefined) put(key, value);
      return value;
    },
    set: (key, value) => {
      put(key, value);
      if (entries.size <= limit) return;
      for (const oldest of entries.keys()) {
        entries.delete(oldest);
        break;
      }
    },
  };
}
