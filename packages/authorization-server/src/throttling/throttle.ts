import { createHash } from 'node:crypto';

import type { Database } from '../store/database.ts';
import { createFailureCounter } from './failure-counter.ts';
import { networkPrefix } from './network-prefix.ts';
import type { ThrottlingRules } from './throttling-options.ts';

/** An attempt that is refused unseen. */
export interface Throttled {
  /** Until the next attempt may be made. */
  readonly seconds: number;
  /** Whether the client failed too often from the address, or the address with all clients together. */
  readonly by: 'client' | 'address';
}

/**
 * Slows whoever guesses the credentials of clients.
 *
 * Counted is the client id a request claims, whether or not there is such a client, together with the address
 * it came from: a client elsewhere goes on undisturbed. All failures of one address together have a higher
 * bound, which a client that got a token from there is not held to.
 */
export interface Throttle {
  /**
   * Tells whether an attempt is to be refused unseen. Asks no database.
   *
   * @returns for how long it is, if it is
   */
  check(clientId: string, address: string | undefined): Throttled | undefined;
  /**
   * Counts an attempt with a wrong credential.
   *
   * @returns seconds until the next attempt may be made, if there were too many even before this one, as when
   *   they come at the same time
   */
  fail(clientId: string, address: string | undefined): Promise<number | undefined>;
  /** Remembers an attempt with the right credential. */
  succeed(clientId: string, address: string | undefined): void;
}

/** Dependencies of {@link createThrottle}. */
export interface ThrottleDependencies {
  readonly database: Database;
  /** The clock, in milliseconds. */
  readonly now: () => number;
}

/** Most entries kept in memory: of what is blocked, and of who succeeded. */
const MAX_REMEMBERED = 10_000;

/** A throttle that never refuses. */
export const NO_THROTTLE: Throttle = {
  check: () => undefined,
  fail: async () => undefined,
  succeed: () => undefined,
};

/**
 * Makes the throttle.
 *
 * The count is in the database. What this process saw blocked it knows by itself; what another one saw, it
 * learns with its own next failure.
 */
export function createThrottle(rules: ThrottlingRules, { database, now }: ThrottleDependencies): Throttle {
  const { failuresPerClient, failuresPerAddress, windowSeconds, blockSeconds } = rules;
  const counter = createFailureCounter(database, { windowSeconds, blockSeconds, now });
  const blocked = new Map<string, number>();
  const succeeded = new Set<string>();

  function remainingSeconds(id: string): number | undefined {
    const until = blocked.get(id);
    if (until === undefined) return undefined;
    const remaining = until - now();
    // More than a whole block can be left only where the clock was set back.
    if (remaining > 0 && remaining <= blockSeconds * 1000) return Math.ceil(remaining / 1000);
    blocked.delete(id);
    return undefined;
  }

  async function count(id: string, limit: number): Promise<number | undefined> {
    const { failures, blockedUntil } = await counter.count(id, limit);
    if (failures >= limit) remember(blocked, id, blockedUntil);
    return failures > limit ? remainingSeconds(id) : undefined;
  }

  return {
    check(clientId, address) {
      if (blocked.size === 0) return undefined;
      const network = networkPrefix(address ?? '');
      const ofClient = remainingSeconds(idOf(network, clientId));
      if (ofClient !== undefined) return { seconds: ofClient, by: 'client' };
      if (succeeded.has(key(network, clientId))) return undefined;
      const ofAddress = remainingSeconds(idOf(network));
      return ofAddress === undefined ? undefined : { seconds: ofAddress, by: 'address' };
    },
    async fail(clientId, address) {
      const network = networkPrefix(address ?? '');
      const ofClient = await count(idOf(network, clientId), failuresPerClient);
      const ofAddress = await count(idOf(network), failuresPerAddress);
      return ofClient ?? (succeeded.has(key(network, clientId)) ? undefined : ofAddress);
    },
    succeed(clientId, address) {
      const text = key(networkPrefix(address ?? ''), clientId);
      if (succeeded.has(text)) return;
      succeeded.add(text);
      if (succeeded.size > MAX_REMEMBERED) succeeded.delete(succeeded.values().next().value as string);
    },
  };
}

function remember(blocked: Map<string, number>, id: string, until: number): void {
  blocked.delete(id);
  blocked.set(id, until);
  if (blocked.size > MAX_REMEMBERED) blocked.delete(blocked.keys().next().value as string);
}

const key = (network: string, clientId: string): string => `${network} ${clientId}`;

/** A digest, since what stands where a client id should may be of any length, or a secret. */
function idOf(network: string, clientId?: string): string {
  const what = clientId === undefined ? `address ${network}` : `client ${key(network, clientId)}`;
  return createHash('sha256').update(what).digest('base64url');
}
