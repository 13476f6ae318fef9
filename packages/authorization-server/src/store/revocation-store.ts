import type { Transaction } from 'kysely';

import type { TokenStatus } from '../withdrawal/token-status.ts';
import type { Database } from './database.ts';
import type { Schema } from './schema.ts';
import { bumpVersions } from './status-store.ts';

/** Whose an index is. */
export interface StatusOwner {
  readonly clientId: string;
  /** Milliseconds: no token with the index lives longer. */
  readonly expiresAt: number;
  readonly revoked: boolean;
}

/** What a published list is made of. */
export interface StatusListContent {
  readonly version: number;
  readonly ranges: readonly { readonly firstIndex: number; readonly size: number }[];
  readonly indexes: readonly number[];
}

/** A resource server's latest fetch of a status list. */
export interface StatusListFetch {
  readonly clientId: string;
  readonly listId: number;
  /** Of the list: it goes up with every revocation. */
  readonly version: number;
  /** Milliseconds. */
  readonly fetchedAt: number;
}

/** What was withdrawn, and who has seen it. */
export interface RevocationStore {
  /** Finds out whose an index is; undefined when it is nobody's (any more). */
  findOwner(place: TokenStatus): Promise<StatusOwner | undefined>;
  isRevoked(tokenId: string): Promise<boolean>;
  /** Revokes one token; tells whether it was not before. */
  revoke(
    token: TokenStatus & { readonly tokenId: string; readonly clientId: string; readonly expiresAt: number },
    at: number,
    record: (transaction: Transaction<Schema>) => Promise<void>,
  ): Promise<boolean>;
  readVersion(listId: number): Promise<number | undefined>;
  readList(listId: number): Promise<StatusListContent | undefined>;
  /** Lists that living tokens refer to. */
  listLiving(now: number): Promise<readonly number[]>;
  recordFetch(fetch: StatusListFetch): Promise<void>;
  listFetches(): Promise<readonly StatusListFetch[]>;
}

/** Keeps revocations in the database. */
export function createRevocationStore({ db, transact, prepare }: Database): RevocationStore {
  // Built once; only the parameters change.
  const version = prepare(db.selectFrom('status_lists').select('version').where('id', '=', 0).compile());
  const revocation = prepare(db.selectFrom('revoked_tokens').select('id').where('id', '=', '').compile());
  const owner = prepare(
    db
      .selectFrom('status_ranges')
      .select(['client_id', 'first_index', 'size', 'expires_at', 'revoked_at'])
      .where('list_id', '=', 0)
      .where('first_index', '<=', 0)
      .orderBy('first_index', 'desc')
      .limit(1)
      .compile(),
  );
  return {
    async findOwner({ listId, index }) {
      // Built once; only the parameters change, in the order of the conditions. The last is the limit.
      const { rows } = await owner([listId, index, 1]);
      const [row] = rows;
      if (row === undefined || index >= row.first_index + row.size) return undefined;
      return { clientId: row.client_id, expiresAt: row.expires_at, revoked: row.revoked_at !== null };
    },

    async isRevoked(tokenId) {
      const { rows } = await revocation([tokenId]);
      return rows.length > 0;
    },

    async revoke({ tokenId, clientId, expiresAt, listId, index }, at, record) {
      return await transact(async (transaction) => {
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto('revoked_tokens')
          .values({
            id: tokenId,
            client_id: clientId,
            list_id: listId,
            status_index: index,
            revoked_at: at,
            expires_at: expiresAt,
          })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirstOrThrow();
        if (numInsertedOrUpdatedRows !== 1n) return false;
        await bumpVersions(transaction, [listId]);
        await record(transaction);
        return true;
      });
    },

    async readVersion(listId) {
      const { rows } = await version([listId]);
      return rows[0]?.version;
    },

    async readList(listId) {
      // The version first: what is revoked meanwhile is published with the next.
      const found = await this.readVersion(listId);
      if (found === undefined) return undefined;
      const ranges = await db
        .selectFrom('status_ranges')
        .select(['first_index', 'size'])
        .where('list_id', '=', listId)
        .where('revoked_at', 'is not', null)
        .execute();
      const tokens = await db
        .selectFrom('revoked_tokens')
        .select('status_index')
        .where('list_id', '=', listId)
        .execute();
      return {
        version: found,
        ranges: ranges.map(({ first_index, size }) => ({ firstIndex: first_index, size })),
        indexes: tokens.map(({ status_index }) => status_index),
      };
    },

    async listLiving(now) {
      const rows = await db
        .selectFrom('status_lists')
        .select('id')
        .where((eb) =>
          eb.exists(
            eb
              .selectFrom('status_ranges')
              .select('first_index')
              .whereRef('status_ranges.list_id', '=', 'status_lists.id')
              .where('expires_at', '>', now),
          ),
        )
        .orderBy('id')
        .execute();
      return rows.map(({ id }) => id);
    },

    async recordFetch({ clientId, listId, version: seen, fetchedAt }) {
      const latest = { version: String(seen), fetched_at: fetchedAt };
      await db
        .insertInto('status_list_fetches')
        .values({ client_id: clientId, list_id: listId, ...latest })
        .onConflict((conflict) => conflict.columns(['client_id', 'list_id']).doUpdateSet(latest))
        .execute();
    },

    async listFetches() {
      const rows = await db
        .selectFrom('status_list_fetches')
        .selectAll()
        .orderBy('client_id')
        .orderBy('list_id')
        .execute();
      return rows.map((row) => ({
        clientId: row.client_id,
        listId: row.list_id,
        version: Number(row.version),
        fetchedAt: row.fetched_at,
      }));
    },
  };
}
