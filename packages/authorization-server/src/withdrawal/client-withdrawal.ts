import type { Transaction } from 'kysely';

import type { Database } from '../store/database.ts';
import type { Schema } from '../store/schema.ts';
import { revokeRangesOf } from '../store/status-store.ts';

/** The withdrawal of everything a client holds, as part of the transaction that disables or deletes it. */
export interface ClientWithdrawal {
  /** The database to change clients in. */
  readonly database: Database;
  readonly withdrawTokens: (transaction: Transaction<Schema>, clientId: string, at: number) => Promise<void>;
}

/**
 * Makes the withdrawal of clients' tokens.
 *
 * A range of indexes may be handed out while the transaction is under way, unseen by it. Once it is committed,
 * whoever hands out a range sees that the client is gone, and so the ranges are revoked a second time then.
 */
export function createClientWithdrawal(database: Database): ClientWithdrawal {
  const withdrawn = new WeakMap<Transaction<Schema>, Map<string, number>>();
  return {
    database: {
      ...database,
      async transact(work) {
        let begun: Transaction<Schema> | undefined;
        const result = await database.transact(async (transaction) => {
          begun = transaction;
          return await work(transaction);
        });
        const clients = begun === undefined ? undefined : withdrawn.get(begun);
        for (const [clientId, at] of clients ?? []) await revokeRangesOf(database.db, clientId, at);
        return result;
      },
    },
    async withdrawTokens(transaction, clientId, at) {
      await revokeRangesOf(transaction, clientId, at);
      const clients = withdrawn.get(transaction) ?? new Map<string, number>();
      withdrawn.set(transaction, clients.set(clientId, at));
    },
  };
}
