import { sql, type ColumnDefinitionBuilder, type ColumnDataType } from 'kysely';

import type { DatabaseDialect, Migration } from './migrate.ts';

// The order of ids is that of their bytes, as on SQLite, and no update of the system's locales changes it.
const idOf = (dialect: DatabaseDialect) => (dialect === 'sqlite' ? sql`text` : sql`text collate "C"`);
const required = (column: ColumnDefinitionBuilder) => column.notNull();
const key = (column: ColumnDefinitionBuilder) => column.primaryKey().notNull();
const ofClient = (column: ColumnDefinitionBuilder) =>
  column.notNull().references('clients.id').onDelete('cascade');

/** Clients and what belongs to them. */
export const createClientTables: Migration = async ({ schema }, dialect) => {
  await schema
    .createTable('clients')
    .addColumn('id', idOf(dialect), key)
    .addColumn('label', 'text')
    .addColumn('owner', 'text')
    .addColumn('description', 'text')
    .addColumn('method', 'text', required)
    .addColumn('state', 'text', required)
    .addColumn('revision', 'text', required)
    .addColumn('grant_types', 'text', required)
    .addColumn('default_resource', 'text')
    .addColumn('token_lifetime_seconds', 'integer')
    .addColumn('sender_constraint', 'text')
    .addColumn('addresses', 'text')
    .addColumn('jwks_uri', 'text')
    .addColumn('assertion_audience', 'text')
    .addColumn('expires_at', 'bigint')
    .addColumn('search_text', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('updated_at', 'bigint', required)
    .execute();
  await schema
    .createTable('client_secrets')
    .addColumn('id', idOf(dialect), key)
    .addColumn('client_id', 'text', ofClient)
    .addColumn('mac', 'text', required)
    .addColumn('hint', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('expires_at', 'bigint')
    .addColumn('replaced_by', 'text')
    .addColumn('expires_at_before', 'bigint')
    .execute();
  await schema.createIndex('client_secrets_client').on('client_secrets').column('client_id').execute();
  await schema
    .createTable('client_keys')
    .addColumn('id', idOf(dialect), key)
    .addColumn('client_id', 'text', ofClient)
    .addColumn('public_jwk', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('expires_at', 'bigint')
    .execute();
  await schema.createIndex('client_keys_client').on('client_keys').column('client_id').execute();
  await schema
    .createTable('client_access')
    .addColumn('client_id', 'text', ofClient)
    .addColumn('resource', 'text', required)
    .addColumn('scopes', 'text', required)
    .addColumn('default_scopes', 'text')
    .addColumn('position', 'integer', required)
    .addPrimaryKeyConstraint('client_access_key', ['client_id', 'resource'])
    .execute();
  await schema.createIndex('client_access_resource').on('client_access').column('resource').execute();
  await schema
    .createTable('last_uses')
    .addColumn('client_id', 'text', ofClient)
    .addColumn('credential_id', 'text', required)
    .addColumn('used_at', 'bigint', required)
    .addPrimaryKeyConstraint('last_uses_key', ['client_id', 'credential_id'])
    .execute();
  await schema
    .createTable('resources')
    .addColumn('id', idOf(dialect), key)
    .addColumn('label', 'text')
    .addColumn('scopes', 'text', required)
    .addColumn('tools', 'text')
    .addColumn('revision', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('updated_at', 'bigint', required)
    .execute();
};

/** Keys of the server itself, values its instances share, and what was used once. */
export const createServerTables: Migration = async ({ schema }, dialect) => {
  await schema
    .createTable('signing_keys')
    .addColumn('id', idOf(dialect), key)
    .addColumn('algorithm', 'text', required)
    .addColumn('public_jwk', 'text', required)
    .addColumn('sealed_private_jwk', 'text')
    .addColumn('state', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('active_from', 'bigint', required)
    .addColumn('retires_at', 'bigint')
    .execute();
  // One key signs and one is the next to, whatever several instances do at the same time.
  await schema
    .createIndex('signing_keys_state')
    .unique()
    .on('signing_keys')
    .column('state')
    .where('state', '!=', 'previous')
    .execute();
  await schema
    .createTable('shared_values')
    .addColumn('name', 'text', key)
    .addColumn('sealed_value', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .execute();
  const replay = schema
    .createTable('replay')
    .addColumn('id', idOf(dialect), key)
    .addColumn('expires_at_seconds', 'bigint', required);
  // One tree instead of two for the table that every assertion writes to.
  await (dialect === 'sqlite' ? replay.modifyEnd(sql`without rowid`) : replay).execute();
  await schema.createIndex('replay_expiry').on('replay').column('expires_at_seconds').execute();
  await schema
    .createTable('throttled')
    .addColumn('id', idOf(dialect), key)
    .addColumn('failures', 'integer', required)
    .addColumn('since', 'bigint', required)
    .addColumn('blocked_until', 'bigint', required)
    .execute();
  await schema.createIndex('throttled_since').on('throttled').column('since').execute();
};

/** Issuers whose JWTs are accepted as grants, and whom they stand for. */
export const createTrustTables: Migration = async ({ schema }, dialect) => {
  await schema
    .createTable('trusted_issuers')
    .addColumn('id', idOf(dialect), key)
    .addColumn('issuer', 'text', (column) => column.notNull().unique())
    .addColumn('kind', 'text', required)
    .addColumn('label', 'text')
    .addColumn('jwks_uri', 'text')
    .addColumn('jwks', 'text')
    .addColumn('use', 'text', required)
    .addColumn('revision', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('updated_at', 'bigint', required)
    .execute();
  await schema
    .createTable('trust_rules')
    .addColumn('id', idOf(dialect), key)
    .addColumn('issuer_id', 'text', (column) =>
      column.notNull().references('trusted_issuers.id').onDelete('cascade'),
    )
    .addColumn('client_id', 'text', ofClient)
    .addColumn('label', 'text')
    .addColumn('audience', 'text')
    .addColumn('conditions', 'text', required)
    .addColumn('revision', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('updated_at', 'bigint', required)
    .execute();
  await schema.createIndex('trust_rules_issuer').on('trust_rules').column('issuer_id').execute();
  await schema.createIndex('trust_rules_client').on('trust_rules').column('client_id').execute();
};

/** What was withdrawn, and who has seen it. Rows outlive their clients: the tokens do. */
export const createWithdrawalTables: Migration = async ({ schema }, dialect) => {
  await schema
    .createTable('status_lists')
    .addColumn('id', 'integer', key)
    .addColumn('next_index', 'integer', required)
    .addColumn('version', 'integer', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('filled_at', 'bigint')
    .execute();
  await schema
    .createTable('status_ranges')
    .addColumn('list_id', 'integer', required)
    .addColumn('first_index', 'integer', required)
    .addColumn('size', 'integer', required)
    .addColumn('client_id', 'text', required)
    .addColumn('expires_at', 'bigint', required)
    .addColumn('revoked_at', 'bigint')
    .addPrimaryKeyConstraint('status_ranges_key', ['list_id', 'first_index'])
    .execute();
  await schema.createIndex('status_ranges_client').on('status_ranges').column('client_id').execute();
  await schema.createIndex('status_ranges_expiry').on('status_ranges').column('expires_at').execute();
  await schema
    .createTable('revoked_tokens')
    .addColumn('id', idOf(dialect), key)
    .addColumn('client_id', 'text', required)
    .addColumn('list_id', 'integer', required)
    .addColumn('status_index', 'integer', required)
    .addColumn('revoked_at', 'bigint', required)
    .addColumn('expires_at', 'bigint', required)
    .execute();
  await schema.createIndex('revoked_tokens_list').on('revoked_tokens').column('list_id').execute();
  await schema.createIndex('revoked_tokens_expiry').on('revoked_tokens').column('expires_at').execute();
  await schema
    .createTable('status_list_fetches')
    .addColumn('client_id', 'text', required)
    .addColumn('list_id', 'integer', required)
    .addColumn('version', 'text', required)
    .addColumn('fetched_at', 'bigint', required)
    .addPrimaryKeyConstraint('status_list_fetches_key', ['client_id', 'list_id'])
    .execute();
};

/** What happened: audit trail, usage, and the administrative requests that may be repeated. */
export const createRecordTables: Migration = async ({ schema }, dialect) => {
  const counted: ColumnDataType = dialect === 'sqlite' ? 'integer' : 'bigserial';
  await schema
    .createTable('audit_events')
    .addColumn('id', counted, (column) =>
      dialect === 'sqlite' ? column.primaryKey().autoIncrement() : column.primaryKey(),
    )
    .addColumn('at', 'bigint', required)
    .addColumn('type', 'text', required)
    .addColumn('actor', 'text')
    .addColumn('client_id', 'text')
    .addColumn('resource', 'text')
    .addColumn('address', 'text')
    .addColumn('reason', 'text')
    .addColumn('detail', 'text', required)
    .execute();
  await schema.createIndex('audit_events_client').on('audit_events').columns(['client_id', 'id']).execute();
  await schema.createIndex('audit_events_time').on('audit_events').column('at').execute();
  await schema.createIndex('audit_events_type').on('audit_events').columns(['type', 'id']).execute();
  await schema
    .createTable('usage_hours')
    .addColumn('hour', 'bigint', required)
    .addColumn('client_id', 'text', required)
    .addColumn('resource', 'text', required)
    .addColumn('issued', 'integer', required)
    .addColumn('refused', 'integer', required)
    .addPrimaryKeyConstraint('usage_hours_key', ['hour', 'client_id', 'resource'])
    .execute();
  await schema
    .createTable('idempotent_answers')
    .addColumn('id', idOf(dialect), key)
    .addColumn('request_digest', 'text', required)
    .addColumn('sealed_answer', 'text')
    .addColumn('created_at', 'bigint', required)
    .execute();
};
