import { cacheLifetimeSeconds, fetchJsonDocument, type Fetch } from '@mcp-m2m/core';

import { parseClientPublicKey } from './client-public-key.ts';
import type { PublicJwk } from './public-jwk.ts';

/** The key id and algorithm that an assertion names, unproven. */
export interface WantedKey {
  readonly keyId: string | undefined;
}

/** The keys that clients publish (`jwks_uri`). */
export interface PublishedKeys {
  /**
   * The keys at an address, which are the same array as long as they are the same keys. A promise only when
   * they have to be fetched.
   *
   * @returns undefined when they were never fetched and cannot be
   */
  find(
    url: string,
    wanted: WantedKey,
  ): readonly PublicJwk[] | undefined | Promise<readonly PublicJwk[] | undefined>;
}

/** How {@link createPublishedKeys} fetches. */
export interface PublishedKeysOptions {
  /** Guards against addresses that nobody outside may make this server ask. */
  readonly fetch: Fetch;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Fetches caused by key ids that are not there, and fetches after one that failed, are this far apart. */
const ASK_AGAIN_AFTER_SECONDS = 30;
const LIFETIME = { min: 30, default: 300, max: 300 } as const;
/** How long the last good keys serve while the client's server fails. */
const STALE_FOR_SECONDS = 86_400;
const MAX_BYTES = 65_536;
const MAX_KEYS = 20;
const MAX_URLS = 1000;

interface Entry {
  keys: readonly PublicJwk[] | undefined;
  fetchedAt: number;
  freshUntil: number;
  attemptedAt: number;
  fetching: Promise<void> | undefined;
}

/**
 * Keeps the keys that clients publish: fetched once for all who ask at the same time, renewed in the background
 * when their lifetime ends, and kept for a day while the client's server fails. A key id that is not among them makes them be
 * asked for again, at most every 30 seconds, so that nobody can make this server ask more often.
 *
 * An empty set counts as a failure. Keys that cannot verify assertions are left out.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7591#section-2 | RFC 7591 §2}
 */
export function createPublishedKeys({ fetch, now }: PublishedKeysOptions): PublishedKeys {
  const entries = new Map<string, Entry>();

  function entryOf(url: string): Entry {
    const never = Number.NEGATIVE_INFINITY;
    const entry = entries.get(url) ?? {
      keys: undefined,
      fetchedAt: never,
      freshUntil: never,
      attemptedAt: never,
      fetching: undefined,
    };
    // The last used is the last to be forgotten.
    entries.delete(url);
    entries.set(url, entry);
    if (entries.size > MAX_URLS) entries.delete(entries.keys().next().value as string);
    return entry;
  }

  async function load(url: string, entry: Entry): Promise<void> {
    entry.attemptedAt = now();
    try {
      const { value, headers } = await fetchJsonDocument(url, { fetch, now, maxBytes: MAX_BYTES });
      const keys = await readKeys(value['keys']);
      if (keys.length === 0) return;
      if (JSON.stringify(keys) !== JSON.stringify(entry.keys)) entry.keys = keys;
      entry.fetchedAt = now();
      entry.freshUntil = entry.fetchedAt + cacheLifetimeSeconds(headers, LIFETIME) * 1000;
    } catch {
      // The last good keys serve, and the next attempt waits.
    }
  }

  function refresh(url: string, entry: Entry): Promise<void> {
    entry.fetching ??= load(url, entry).finally(() => (entry.fetching = undefined));
    return entry.fetching;
  }

  const usableKeys = ({ keys, fetchedAt }: Entry): Entry['keys'] =>
    now() - fetchedAt < STALE_FOR_SECONDS * 1000 ? keys : undefined;

  const mayAsk = (entry: Entry): boolean => {
    const since = now() - entry.attemptedAt;
    return since >= ASK_AGAIN_AFTER_SECONDS * 1000 || since < 0;
  };

  return {
    find(url, { keyId }) {
      const entry = entryOf(url);
      const keys = usableKeys(entry);
      const satisfied = keys !== undefined && (keyId === undefined || keys.some(({ kid }) => kid === keyId));
      if (entry.fetching === undefined && !mayAsk(entry)) return keys;
      if (satisfied && now() < entry.freshUntil) return keys;
      const refreshed = refresh(url, entry);
      // Keys that are merely old answer at once.
      return satisfied && now() - entry.freshUntil < LIFETIME.max * 1000
        ? keys
        : refreshed.then(() => usableKeys(entry));
    },
  };
}

async function readKeys(value: unknown): Promise<readonly PublicJwk[]> {
  if (!Array.isArray(value)) return [];
  const read = value.slice(0, MAX_KEYS).map(async (entry: unknown) => {
    try {
      // PEM is for registration alone.
      return typeof entry === 'object' ? await parseClientPublicKey(entry) : undefined;
    } catch {
      return undefined;
    }
  });
  return (await Promise.all(read)).filter((key) => key !== undefined);
}
