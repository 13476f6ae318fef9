import { randomUUID } from 'node:crypto';

import type { Kysely, Selectable, Transaction } from 'kysely';

import { toRevision, type ChangeOptions } from './client-changes.ts';
import type { Schema } from './schema.ts';

/** A registered resource as it is stored. */
export type ResourceRow = Selectable<Schema['resources']>;

/** Reads one registered resource. */
export async function readResource(db: Kysely<Schema>, resource: string): Promise<ResourceRow | undefined> {
  return await db.selectFrom('resources').selectAll().where('id', '=', resource).executeTakeFirst();
}

/** Reads registered resources after one, in the order of their identifiers. */
export async function listResources(
  db: Kysely<Schema>,
  limit: number,
  after: string,
): Promise<readonly ResourceRow[]> {
  return await db
    .selectFrom('resources')
    .selectAll()
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** @returns whether it was stored: false when there is one of that identifier */
export async function insertResource(transaction: Transaction<Schema>, row: ResourceRow): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('resources')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/**
 * Begins the change of a resource with a new revision, before anything is read.
 *
 * @returns undefined when there is none, or none of the revision asked for
 */
export async function beginResourceChange(
  transaction: Transaction<Schema>,
  resource: string,
  { ifRevision }: ChangeOptions,
  at: number,
): Promise<ResourceRow | undefined> {
  let update = transaction
    .updateTable('resources')
    .set({ revision: randomUUID(), updated_at: at })
    .where('id', '=', resource);
  if (ifRevision !== undefined) update = update.where('revision', '=', toRevision(ifRevision));
  return await update.returningAll().executeTakeFirst();
}

/** The clients that may use a resource. */
export async function clientsOfResource(db: Kysely<Schema>, resource: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('client_access')
    .select('client_id')
    .where('resource', '=', resource)
    .orderBy('client_id')
    .execute();
  return rows.map(({ client_id }) => client_id);
}

/** Takes a resource away from every client; each of them gets a new revision. */
export async function removeAccessTo(
  transaction: Transaction<Schema>,
  resource: string,
  at: number,
): Promise<void> {
  const holders = transaction
    .selectFrom('client_access')
    .select('client_id')
    .where('resource', '=', resource);
  // Clients may share a revision: it has to be new to each, no more.
  await transaction
    .updateTable('clients')
    .set({ revision: randomUUID(), updated_at: at })
    .where('id', 'in', holders)
    .execute();
  await transaction
    .updateTable('clients')
    .set({ default_resource: null })
    .where('default_resource', '=', resource)
    .execute();
  await transaction.deleteFrom('client_access').where('resource', '=', resource).execute();
}
