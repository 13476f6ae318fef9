import type { GuardedStore } from './guarded-store.ts';
import { isStanding, sharedFailureOf } from './shared-failure.ts';
import { endOfRecord, type RenewalLease, type StoredToken, type TokenRecord } from './token-record.ts';
import type { VersionedRecord } from './token-store.ts';

/** A lease further ahead than this comes from a clock that is wrong. */
const LONGEST_LEASE_MILLISECONDS = 120_000;
/** The pauses between two looks at the store: from, to, growing by. Each is spread by half of itself. */
const POLL = { firstMilliseconds: 40, longestMilliseconds: 400, growth: 1.5 };
/** How often a change is tried that others forestall. */
const MOST_ATTEMPTS = 4;

/** Options of {@link renewShared}. */
export interface SharedRenewalOptions {
  readonly store: GuardedStore;
  /** What `tokenKey` returned. */
  readonly key: string;
  /**
   * Whether a token from the store will do instead of a new one: it lives long enough, and is neither the one to be
   * replaced nor the one that was refused.
   */
  readonly isUsable: (token: StoredToken) => boolean;
  /** Obtains a token from the authorization server. Called at most once. */
  readonly acquire: () => Promise<StoredToken>;
  /** The current time in milliseconds since the epoch. */
  readonly now: () => number;
  /** How long `acquire` takes at most: for so long the others wait for it, and no longer. At most 120,000. */
  readonly leaseMilliseconds: number;
  /** How long to wait for another's token before obtaining one regardless. */
  readonly waitMilliseconds: number;
  /** From 0 to below 1. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** What a shared renewal came to. */
export type SharedRenewal =
  | {
      readonly outcome: 'obtained';
      readonly token: StoredToken;
      /** Who obtained it: this call, or another that put it into the store. */
      readonly by: 'us' | 'another';
      /**
       * Settles when the store has been told; never rejects. Nobody needs to wait for it but a runtime that stops
       * with the response (`waitUntil`).
       */
      readonly told: Promise<void>;
    }
  /** The authorization server has told another to come back later; it was not asked again. */
  | { readonly outcome: 'postponed'; readonly code: string; readonly failedUntil: number };

/**
 * Renews a token that several processes share, so that one of them asks the authorization server and the others take
 * what it got.
 *
 * A usable token in the store is taken. Else one process claims the lease and obtains a token; the others look at the
 * store again and again until the token is there. If the lease ends without one (its holder has died, or has failed
 * and released it), the next claims it. Whoever has waited `waitMilliseconds` obtains a token regardless of leases,
 * and so does everybody while the store does not answer: a token too many is better than a request too late.
 *
 * An acquisition that fails rejects here with its own error. Only where the authorization server is unavailable (429
 * or 5xx) are the others told, and come out `postponed` until it may be asked again: whoever still has a living token
 * should go on with it.
 *
 * Clocks should agree to within seconds. One that is wrong costs token requests, or a wait of `waitMilliseconds`.
 *
 * @throws whatever `acquire` throws, and nothing else
 */
export async function renewShared(options: SharedRenewalOptions): Promise<SharedRenewal> {
  const { store, key, isUsable, now, random = Math.random } = options;
  const waitEnd = performance.now() + options.waitMilliseconds;
  const owner = crypto.randomUUID();
  let pause = POLL.firstMilliseconds;
  for (;;) {
    const seen = await store.read(key);
    if (seen === undefined) break;
    const record = seen.value?.record ?? {};
    if (record.token !== undefined && isUsable(record.token)) {
      return { outcome: 'obtained', token: record.token, by: 'another', told: Promise.resolve() };
    }
    const at = now();
    if (isStanding(record.failure, at)) return { outcome: 'postponed', ...record.failure };
    if (!isHeld(record.lease, at)) {
      const duration = Math.min(options.leaseMilliseconds, LONGEST_LEASE_MILLISECONDS);
      const claimed = await write(store, key, seen.value, {
        token: record.token,
        lease: { owner, renewingUntil: at + duration },
      });
      if (claimed === undefined || claimed.value) break;
    }
    const left = waitEnd - performance.now();
    if (left <= 0) break;
    await sleep(Math.min(pause * (0.5 + random()), left));
    pause = Math.min(pause * POLL.growth, POLL.longestMilliseconds);
  }
  return obtain(options, owner);
}

/** With the lease or without: who has a token tells the others. */
async function obtain(options: SharedRenewalOptions, owner: string): Promise<SharedRenewal> {
  const { store, key, acquire, isUsable, now } = options;
  const withoutOurs = (lease: RenewalLease | undefined) => (lease?.owner === owner ? undefined : lease);
  let token: StoredToken;
  try {
    token = await acquire();
  } catch (error) {
    void change(store, key, (record) =>
      record.lease?.owner === owner
        ? { token: record.token, failure: sharedFailureOf(error, now()) }
        : undefined,
    );
    throw error;
  }
  const told = change(store, key, (record) => {
    const kept = record.token;
    const isNewer = kept !== undefined && isUsable(kept) && kept.requestedAt > token.requestedAt;
    return { token: isNewer ? kept : token, lease: withoutOurs(record.lease) };
  });
  return { outcome: 'obtained', token, by: 'us', told };
}

/** Changes a record whatever others do to it meanwhile; gives up when the store does. */
async function change(
  store: GuardedStore,
  key: string,
  next: (record: TokenRecord) => TokenRecord | undefined,
): Promise<void> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const seen = await store.read(key);
    if (seen === undefined) return;
    const record = next(seen.value?.record ?? {});
    if (record === undefined) return;
    const written = await write(store, key, seen.value, record);
    if (written === undefined || written.value) return;
  }
}

function write(
  store: GuardedStore,
  key: string,
  seen: VersionedRecord | undefined,
  record: TokenRecord,
): ReturnType<GuardedStore['compareAndSet']> {
  return store.compareAndSet(key, seen?.version, record, { expiresAt: endOfRecord(record) });
}

function isHeld(lease: RenewalLease | undefined, at: number): boolean {
  if (lease === undefined) return false;
  const remaining = lease.renewingUntil - at;
  return remaining > 0 && remaining <= LONGEST_LEASE_MILLISECONDS;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
