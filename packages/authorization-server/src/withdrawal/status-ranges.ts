import { randomInt } from 'node:crypto';

import { errors } from 'oidc-provider';

import type { ClientCredentials } from '../store/client-credentials.ts';
import {
  BLOCK_SIZE,
  type StatusBlock,
  type StatusRange,
  type StatusRangeStore,
} from '../store/status-store.ts';
import type { TokenRefusalReason } from '../token-refusal-reason.ts';
import type { AssignStatus, TokenStatus } from './token-status.ts';

/** A client's range in use. Its indexes are handed out in an order that does not tell how many were. */
interface OpenRange extends StatusRange {
  readonly multiplier: number;
  readonly offset: number;
  used: number;
}

interface Allocation {
  readonly client: ClientCredentials;
  readonly size: number;
  readonly expiresAt: number;
  readonly resolve: (range: OpenRange) => void;
  readonly reject: (error: unknown) => void;
}

/** Of a client's first range; it doubles whenever one is used up. A power of two, like every size. */
const FIRST_SIZE = 8;
const LARGEST_SIZE = 4096;

/** A range serves tokens that expire this long after its first one does, at most. */
const RANGE_OPEN_MS = 600_000;

/** A block is not used for longer, so that its list can be dropped some day. */
const BLOCK_OPEN_MS = 86_400_000;

/** Ranges that are written at once, at most; a power of two. */
const LARGEST_GROUP = 32;
const PURGE_EVERY = 128;

/**
 * Makes the function that gives every token its index: out of its client's range in memory, so that one row is
 * written for many tokens and nothing is kept per token. Ranges that are wanted at the same time are written
 * together.
 *
 * What a process held in memory is lost with it, and its unused indexes with that; no other gets them.
 *
 * @param now - the clock, in milliseconds
 */
export function createStatusRanges(store: StatusRangeStore, now: () => number): AssignStatus {
  const open = new WeakMap<ClientCredentials, OpenRange>();
  const opening = new WeakMap<ClientCredentials, Promise<OpenRange>>();
  let block: (StatusBlock & { readonly takenAt: number; used: number }) | undefined;
  let waiting: Allocation[] = [];
  let working = false;
  let sincePurge = 0;

  const takeIndex = (client: ClientCredentials, expiresAt: number): TokenStatus | undefined => {
    const range = open.get(client);
    if (range === undefined || range.used >= range.size || expiresAt > range.expiresAt) return undefined;
    const step = (range.used++ * range.multiplier + range.offset) & (range.size - 1);
    return { listId: range.listId, index: range.firstIndex + step };
  };

  const openRange = (client: ClientCredentials, expiresAt: number): Promise<OpenRange> => {
    let promise = opening.get(client);
    if (promise !== undefined) return promise;
    const last = open.get(client);
    const size =
      last === undefined
        ? FIRST_SIZE
        : last.used >= last.size
          ? Math.min(LARGEST_SIZE, last.size * 2)
          : last.size;
    promise = new Promise<OpenRange>((resolve, reject) => {
      waiting.push({ client, size, expiresAt: expiresAt + RANGE_OPEN_MS, resolve, reject });
    }).finally(() => opening.delete(client));
    opening.set(client, promise);
    if (!working) {
      working = true;
      // Those that arrive in the same turn are written together.
      setImmediate(() => void work());
    }
    return promise;
  };

  const work = async (): Promise<void> => {
    while (waiting.length > 0) {
      const group = waiting.splice(0, largestPowerOfTwo(Math.min(waiting.length, LARGEST_GROUP)));
      try {
        await allocate(group);
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    working = false;
  };

  const allocate = async (group: readonly Allocation[]): Promise<void> => {
    const ranges: OpenRange[] = [];
    for (const { client, size, expiresAt } of group) {
      const { listId, firstIndex } = await takeIndexes(size);
      const order = { multiplier: 2 * randomInt(size) + 1, offset: randomInt(size), used: 0 };
      ranges.push({ listId, firstIndex, size, clientId: client.clientId, expiresAt, ...order });
    }
    const enabled = await store.addRanges(ranges);
    for (const [i, { client, resolve, reject }] of group.entries()) {
      if (enabled.has(client.clientId)) {
        open.set(client, ranges[i] as OpenRange);
        resolve(ranges[i] as OpenRange);
      } else {
        reject(new errors.InvalidClientAuth('client_disabled' satisfies TokenRefusalReason));
      }
    }
    sincePurge += group.length;
    if (sincePurge >= PURGE_EVERY) {
      sincePurge = 0;
      await store.purge(now());
    }
  };

  const takeIndexes = async (size: number): Promise<StatusBlock> => {
    if (
      block === undefined ||
      block.used + size > BLOCK_SIZE ||
      Math.abs(now() - block.takenAt) > BLOCK_OPEN_MS
    ) {
      const at = now();
      block = { ...(await store.takeBlock(at)), takenAt: at, used: 0 };
    }
    const firstIndex = block.firstIndex + block.used;
    block.used += size;
    return { listId: block.listId, firstIndex };
  };

  const wait = async (client: ClientCredentials, expiresAt: number): Promise<TokenStatus> => {
    for (;;) {
      await openRange(client, expiresAt);
      // Others of the same client may have waited for the same range, and used it up.
      const place = takeIndex(client, expiresAt);
      if (place !== undefined) return place;
    }
  };

  return (client, expiresAtSeconds) => {
    const expiresAt = expiresAtSeconds * 1000;
    return takeIndex(client, expiresAt) ?? wait(client, expiresAt);
  };
}

function largestPowerOfTwo(limit: number): number {
  return 2 ** Math.floor(Math.log2(limit));
}
