import { signJwt } from '../keys/sign-jwt.ts';
import type { SigningKey } from '../keys/signing-key.ts';
import type { RevocationStore } from '../store/revocation-store.ts';
import { LIST_SIZE } from '../store/status-store.ts';
import { packStatusList } from './status-list.ts';

/** A signed status list, as it is served. */
export interface PublishedStatusList {
  /** A JWT of the type `statuslist+jwt`. */
  readonly token: string;
  readonly version: number;
  readonly etag: string;
}

/** Serves status lists. */
export interface StatusListPublisher {
  /** How long a copy may be kept by those that pass it on. */
  readonly maxAgeSeconds: number;
  /** The list as it is now; undefined when there is none of that number. */
  find(listId: number): Promise<PublishedStatusList | undefined>;
}

/** How {@link createStatusListPublisher} publishes. */
export interface StatusListPublisherOptions {
  readonly issuer: string;
  /** The address below which lists are published. */
  readonly statusBase: string;
  /** After how long at most a revocation is known everywhere. */
  readonly lifetimeSeconds: number;
  readonly store: Pick<RevocationStore, 'readList' | 'readVersion'>;
  readonly currentKey: () => SigningKey;
  /** The clock, in milliseconds. */
  readonly now: () => number;
}

interface Kept extends PublishedStatusList {
  readonly keyId: string;
  /** Milliseconds. */
  readonly signedAt: number;
}

/** How long a resource server that cannot get a newer list may use one, beyond its lifetime. */
const OUTAGE_SECONDS = 3600;
const MAX_KEPT = 16;

/**
 * Makes what publishes status lists: each is packed and signed anew when something in it was revoked, and now
 * and then.
 *
 * Those that pass a list on may keep it for half of the lifetime, those that use it for the other half.
 *
 * @see {@link https://datatracker.ietf.org/doc/draft-ietf-oauth-status-list/ | Token Status List, sections 5.1 and 8}
 */
export function createStatusListPublisher(options: StatusListPublisherOptions): StatusListPublisher {
  const { issuer, statusBase, lifetimeSeconds, store, currentKey, now } = options;
  const halfSeconds = Math.floor(lifetimeSeconds / 2);
  const kept = new Map<number, Kept>();
  const making = new Map<number, Promise<Kept | undefined>>();

  const make = async (listId: number): Promise<Kept | undefined> => {
    const key = currentKey();
    const signedAt = now();
    const content = await store.readList(listId);
    if (content === undefined) return undefined;
    const issuedAt = Math.floor(signedAt / 1000);
    const token = await signJwt(key, 'statuslist+jwt', {
      iss: issuer,
      sub: `${statusBase}/${listId}`,
      iat: issuedAt,
      exp: issuedAt + lifetimeSeconds + OUTAGE_SECONDS,
      ttl: halfSeconds,
      status_list: { bits: 1, lst: await packStatusList(content, LIST_SIZE) },
    });
    const { version } = content;
    const made = { token, version, etag: `"${version}.${signedAt}"`, keyId: key.keyId, signedAt };
    kept.delete(listId);
    kept.set(listId, made);
    if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value as number);
    return made;
  };

  return {
    maxAgeSeconds: halfSeconds,
    async find(listId) {
      const version = await store.readVersion(listId);
      if (version === undefined) {
        kept.delete(listId);
        return undefined;
      }
      const known = kept.get(listId);
      // Signed again well before a copy has to be renewed: whoever asks another instance next time must not
      // get an older one.
      const isRecent = known !== undefined && Math.abs(now() - known.signedAt) < (halfSeconds * 1000) / 2;
      if (isRecent && known.version === version && known.keyId === currentKey().keyId) return known;
      let promise = making.get(listId);
      if (promise === undefined) {
        promise = make(listId).finally(() => making.delete(listId));
        making.set(listId, promise);
      }
      const made = await promise;
      // It may have been begun before what this reader has to see.
      return made !== undefined && made.version < version ? await make(listId) : made;
    },
  };
}
