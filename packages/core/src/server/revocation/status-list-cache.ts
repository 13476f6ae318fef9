import type { TrustedIssuer } from '../trusted-issuer.ts';
import { readStatusList, type StatusList } from './status-list.ts';

/** Fetches a status list token, bounded in time and size. */
export type FetchStatusList = (uri: string) => Promise<string>;

/** How {@link createStatusListCache} gets lists. */
export interface StatusListCacheOptions {
  readonly fetchStatusList: FetchStatusList;
  readonly now: () => number;
  readonly clockToleranceSeconds: number;
}

/** One list, at one address, of one issuer. */
export interface KeptStatusList {
  /** The list in hand, unless it has expired. */
  readonly current: () => StatusList | undefined;
  /** Whether the last attempt to fetch it failed a moment ago. */
  readonly failedJustNow: () => boolean;
  /** Whether attempts have failed since it was last fetched. */
  readonly isFailing: () => boolean;
  /** Fetches it, once for all who ask at the same time. */
  readonly renew: () => Promise<StatusList>;
}

/** The lists in hand. */
export type StatusListCache = (uri: string, issuer: TrustedIssuer) => KeptStatusList;

interface Entry extends KeptStatusList {
  readonly size: () => number;
}

const MAX_LISTS = 100;
const MAX_BYTES = 67_108_864;
const FAILURE_COOLDOWN_SECONDS = 5;

/** Creates the cache of status lists, bounded in entries and bytes: the oldest are dropped first. */
export function createStatusListCache(options: StatusListCacheOptions): StatusListCache {
  const entries = new Map<string, Entry>();

  const dropBeyondBounds = (kept: Entry): void => {
    let total = 0;
    for (const { size } of entries.values()) total += size();
    for (const [key, entry] of entries) {
      if (entries.size <= MAX_LISTS && total <= MAX_BYTES) return;
      if (entry === kept) continue;
      total -= entry.size();
      entries.delete(key);
    }
  };

  return (uri, issuer) => {
    // One list of two issuers is two lists: each is verified with its own issuer's keys.
    const key = `${issuer.issuer} ${uri}`;
    const known = entries.get(key);
    if (known !== undefined) return known;
    const entry: Entry = createEntry(uri, issuer, options, () => dropBeyondBounds(entry));
    entries.set(key, entry);
    dropBeyondBounds(entry);
    return entry;
  };
}

function createEntry(
  uri: string,
  issuer: TrustedIssuer,
  { fetchStatusList, now, clockToleranceSeconds }: StatusListCacheOptions,
  onLoaded: () => void,
): Entry {
  let list: StatusList | undefined;
  let loading: Promise<StatusList> | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;

  const current = (): StatusList | undefined =>
    list !== undefined && now() < list.expiresAt ? list : undefined;

  const load = async (): Promise<StatusList> => {
    try {
      const token = await fetchStatusList(uri);
      const loaded = await readStatusList(token, { uri, issuer, time: now(), clockToleranceSeconds });
      // An older list must not bring back what a newer one revoked.
      if (loaded.issuedAt < (current()?.issuedAt ?? 0))
        throw new Error('the status list is older than the one in hand');
      list = loaded;
      failedAt = Number.NEGATIVE_INFINITY;
      onLoaded();
      return loaded;
    } catch (error) {
      failedAt = now();
      throw error;
    }
  };

  return {
    current,
    size: () => list?.bytes.byteLength ?? 0,
    isFailing: () => failedAt !== Number.NEGATIVE_INFINITY,
    failedJustNow: () => now() - failedAt < FAILURE_COOLDOWN_SECONDS * 1000,
    renew: () => (loading ??= load().finally(() => (loading = undefined))),
  };
}
