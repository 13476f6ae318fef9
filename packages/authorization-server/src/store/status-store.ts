import type { Kysely } from 'kysely';

import type { Database } from './database.ts';
import type { Schema } from './schema.ts';

/** A block of consecutive indexes that one instance hands out. */
export interface StatusBlock {
  readonly listId: number;
  readonly firstIndex: number;
}

/** A range of indexes that is one client's. */
export interface StatusRange {
  readonly listId: number;
  readonly firstIndex: number;
  readonly size: number;
  readonly clientId: string;
  /** Milliseconds: when the last token that can have one of its indexes has expired. */
  readonly expiresAt: number;
}

/** Tokens of one list. */
export const LIST_SIZE = 1_048_576;

/** Indexes that an instance takes at a time. A process that ends wastes what is left of its block. */
export const BLOCK_SIZE = 16_384;

/** Allocation of status list indexes. */
export interface StatusRangeStore {
  /** Takes a block that no other instance gets, opening another list when one is full. */
  takeBlock(now: number): Promise<StatusBlock>;
  /** Records ranges, and returns the ids of those clients that are still there and enabled afterwards. */
  addRanges(ranges: readonly StatusRange[]): Promise<ReadonlySet<string>>;
  /** Removes some of the ranges that ended and of the lists that nothing refers to any more. */
  purge(now: number): Promise<void>;
}

const PURGE_AT_MOST = 512;

/** A list stays this long after its last block was taken: longer than any token with an index of it lives. */
const LIST_OUTLIVES_MS = 3 * 86_400_000;

/** Keeps ranges in the database. */
export function createStatusRangeStore({ db, transact }: Database): StatusRangeStore {
  return {
    async takeBlock(now) {
      // Durable, so that no index is ever handed out again.
      return await transact(async (transaction) => {
        const open = await transaction
          .selectFrom('status_lists')
          .select(['id', 'next_index'])
          .orderBy('id', 'desc')
          .limit(1)
          .executeTakeFirst();
        if (open !== undefined && open.next_index + BLOCK_SIZE <= LIST_SIZE) {
          const next = open.next_index + BLOCK_SIZE;
          await transaction
            .updateTable('status_lists')
            .set({ next_index: next, filled_at: next + BLOCK_SIZE > LIST_SIZE ? now : null })
            .where('id', '=', open.id)
            .execute();
          return { listId: open.id, firstIndex: open.next_index };
        }
        const listId = (open?.id ?? 0) + 1;
        await transaction
          .insertInto('status_lists')
          .values({ id: listId, next_index: BLOCK_SIZE, version: 1, created_at: now, filled_at: null })
          .execute();
        return { listId, firstIndex: 0 };
      });
    },

    async addRanges(ranges) {
      await db
        .insertInto('status_ranges')
        .values(
          ranges.map(({ listId, firstIndex, size, clientId, expiresAt }) => ({
            list_id: listId,
            first_index: firstIndex,
            size,
            client_id: clientId,
            expires_at: expiresAt,
            revoked_at: null,
          })),
        )
        .execute();
      // Read after the ranges are there: a client that is disabled from now on has them revoked.
      const rows = await db
        .selectFrom('clients')
        .select('id')
        .where('id', 'in', [...new Set(ranges.map(({ clientId }) => clientId))])
        .where('state', '=', 'enabled')
        .execute();
      return new Set(rows.map(({ id }) => id));
    },

    async purge(now) {
      await db
        .deleteFrom('status_ranges')
        .where((eb) =>
          eb(
            eb.refTuple('list_id', 'first_index'),
            'in',
            eb
              .selectFrom('status_ranges')
              .select(['list_id', 'first_index'])
              .where('expires_at', '<', now)
              .orderBy('expires_at')
              .limit(PURGE_AT_MOST)
              .$asTuple('list_id', 'first_index'),
          ),
        )
        .execute();
      await db.deleteFrom('revoked_tokens').where('expires_at', '<', now).execute();
      const outlived = now - LIST_OUTLIVES_MS;
      await db
        .deleteFrom('status_list_fetches')
        .where('list_id', 'in', (query) =>
          query.selectFrom('status_lists').select('id').where('filled_at', '<', outlived),
        )
        .execute();
      await db.deleteFrom('status_lists').where('filled_at', '<', outlived).execute();
    },
  };
}

/**
 * Revokes everything a client holds, in every list.
 *
 * To be called twice for a client that is disabled or deleted: within that transaction after the client's own
 * row was changed, and again when it is committed, for a range that was being handed out meanwhile.
 *
 * @param db - the transaction, or the database
 * @param at - milliseconds
 */
export async function revokeRangesOf(db: Kysely<Schema>, clientId: string, at: number): Promise<void> {
  const rows = await db
    .updateTable('status_ranges')
    .set({ revoked_at: at })
    .where('client_id', '=', clientId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', at)
    .returning('list_id')
    .execute();
  await bumpVersions(
    db,
    rows.map(({ list_id }) => list_id),
  );
}

/** Makes instances publish lists anew. */
export async function bumpVersions(db: Kysely<Schema>, listIds: readonly number[]): Promise<void> {
  // One after another in their order, so that two who do this do not wait for each other.
  for (const listId of [...new Set(listIds)].toSorted((a, b) => a - b)) {
    await db
      .updateTable('status_lists')
      .set(({ eb }) => ({ version: eb('version', '+', 1) }))
      .where('id', '=', listId)
      .execute();
  }
}
