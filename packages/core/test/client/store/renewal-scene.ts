import { guardStore, type GuardedStore } from '../../../src/client/store/guarded-store.ts';
import { createMemoryTokenStore } from '../../../src/client/store/memory-token-store.ts';
import {
  renewShared,
  type SharedRenewal,
  type SharedRenewalOptions,
} from '../../../src/client/store/renew-shared.ts';
import type { StoredToken, TokenRecord } from '../../../src/client/store/token-record.ts';
import type { TokenStoreError } from '../../../src/client/store/token-store-error.ts';
import type { TokenStore, VersionedRecord } from '../../../src/client/store/token-store.ts';
import { createStoredToken } from './stored-token.ts';

/** A store shared by renewals, and an authorization server that numbers its tokens. */
export interface RenewalScene {
  readonly memory: TokenStore;
  readonly told: TokenStoreError[];
  /** How many tokens were asked for. */
  readonly acquisitions: () => number;
  /** Renews as another process would, unless told otherwise. */
  renew(changes?: Partial<SharedRenewalOptions>): Promise<SharedRenewal>;
  readonly acquire: () => Promise<StoredToken>;
  /** What the store holds. */
  stored(): Promise<TokenRecord | undefined>;
  put(record: TokenRecord): Promise<void>;
}

/** @param wrap - what stands between the renewals and the store */
export function createRenewalScene(wrap: (store: TokenStore) => TokenStore = (store) => store): RenewalScene {
  const memory = createMemoryTokenStore();
  const told: TokenStoreError[] = [];
  const guarded: GuardedStore = guardStore(wrap(memory), {
    timeoutMilliseconds: 200,
    onFailure: (error) => told.push(error),
  });
  let acquisitions = 0;
  const acquire = async (): Promise<StoredToken> => {
    acquisitions += 1;
    return createStoredToken({
      accessToken: `token-${acquisitions}`,
      requestedAt: Date.now(),
      expiresAt: undefined,
    });
  };
  const read = (): Promise<VersionedRecord | undefined> => memory.read('key');
  return {
    memory,
    told,
    acquisitions: () => acquisitions,
    acquire,
    renew: (changes) =>
      renewShared({
        store: guarded,
        key: 'key',
        isUsable: () => true,
        acquire,
        now: Date.now,
        leaseMilliseconds: 10_000,
        waitMilliseconds: 10_000,
        ...changes,
      }),
    stored: async () => (await read())?.record,
    async put(record) {
      await memory.compareAndSet('key', (await read())?.version, record, { expiresAt: Date.now() + 60_000 });
    },
  };
}

/** The token of a renewal that obtained one. */
export function tokenOf(renewal: SharedRenewal): string {
  return renewal.outcome === 'obtained' ? renewal.token.accessToken : renewal.outcome;
}
