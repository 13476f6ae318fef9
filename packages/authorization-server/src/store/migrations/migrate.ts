import { sql, type Kysely, type Transaction } from 'kysely';

import { AuthorizationServerError } from '../authorization-server-error.ts';
import type { Schema } from './schema.ts';

type Migration = (transaction: Transaction<Schema>) => Promise<void>;

/** In order, for ever: a published migration is never changed, only followed by another. */
const MIGRATIONS: readonly Migration[] = [createFirstTables];

/**
 * Brings the tables up to this version, in one transaction.
 *
 * The dialect has to begin transactions so that a second migrator waits (SQLite: `begin immediate`).
 *
 * @throws AuthorizationServerError `database_newer` when a newer version of this package wrote the database
 */
export async function migrate(db: Kysely<Schema>): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await transaction.schema
      .createTable('schema_version')
      .ifNotExists()
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('version', 'integer', (column) => column.notNull())
      .execute();
    const row = await transaction.selectFrom('schema_version').select('version').executeTakeFirst();
    const version = row?.version ?? 0;
    if (version > MIGRATIONS.length) {
      throw new AuthorizationServerError(
        'database_newer',
        `The database has schema version ${version}, this package knows versions up to ${MIGRATIONS.length}. Use the newer version of @mcp-m2m/authorization-server that wrote it, or restore a backup from before.`,
      );
    }
    if (version === MIGRATIONS.length) return;
    for (const migration of MIGRATIONS.slice(version)) await migration(transaction);
    await transaction.deleteFrom('schema_version').execute();
    await transaction.insertInto('schema_version').values({ id: 1, version: MIGRATIONS.length }).execute();
  });
}

async function createFirstTables({ schema }: Transaction<Schema>): Promise<void> {
  await schema
    .createTable('clients')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('label', 'text')
    .addColumn('method', 'text', (column) =>
      column.notNull().check(sql`method in ('secret', 'private_key_jwt')`),
    )
    .addColumn('revision', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await schema
    .createTable('client_secrets')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('client_id', 'text', (column) => column.notNull().references('clients.id').onDelete('cascade'))
    .addColumn('mac', 'text', (column) => column.notNull())
    .addColumn('hint', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await schema.createIndex('client_secrets_client').on('client_secrets').column('client_id').execute();
  await schema
    .createTable('client_keys')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('client_id', 'text', (column) => column.notNull().references('clients.id').onDelete('cascade'))
    .addColumn('public_jwk', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await schema.createIndex('client_keys_client').on('client_keys').column('client_id').execute();
  await schema
    .createTable('client_access')
    .addColumn('client_id', 'text', (column) => column.notNull().references('clients.id').onDelete('cascade'))
    .addColumn('resource', 'text', (column) => column.notNull())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('position', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('client_access_key', ['client_id', 'resource'])
    .execute();
  await schema
    .createTable('signing_keys')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('algorithm', 'text', (column) => column.notNull())
    .addColumn('public_jwk', 'text', (column) => column.notNull())
    .addColumn('sealed_private_jwk', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await schema
    .createTable('replay')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    // One tree instead of two for the table that every assertion writes to.
    .modifyEnd(sql`without rowid`)
    .execute();
  await schema.createIndex('replay_expiry').on('replay').column('expires_at').execute();
}
