import { sql, type Transaction } from 'kysely';

import type { Schema } from './schema.ts';

/** Made up, so that no other program that uses the same database has it. */
const LOCK = 0x6d32_6d01;

/**
 * Waits until no other instance has a writing transaction open, and keeps the others out until this one ends,
 * or its connection is lost. One lock per schema of the database.
 *
 * @see {@link https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS | PostgreSQL: Advisory Locks}
 */
export async function waitForOtherWriters(transaction: Transaction<Schema>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(LOCK)}, hashtext(current_schema()))`.execute(transaction);
}
