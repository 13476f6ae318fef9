import { sql, type Insertable, type Kysely, type Selectable, type Transaction } from 'kysely';

import { AuthorizationServerError } from '../authorization-server-error.ts';
import type { ClientAccess } from '../clients/access.ts';
import { isClientId } from '../clients/client-id.ts';
import type { StoredClient } from '../clients/client-view.ts';
import { toSearchText } from '../clients/plain-text.ts';
import type { PublicJwk } from '../keys/public-jwk.ts';
import { readClientDetails, type ClientDetails } from './client-details.ts';
import type { ClientUses, LastUses } from './last-uses.ts';
import type { Schema } from './schema.ts';

type ClientRow = Selectable<Schema['clients']>;

/** A validated client on its way into the store. */
export interface NewClient {
  readonly row: Insertable<Schema['clients']>;
  readonly secrets: readonly NewSecret[];
  readonly keys: readonly NewKey[];
  readonly access: readonly ClientAccess[];
}

/** A secret on its way into the store. */
export interface NewSecret {
  readonly id: string;
  readonly mac: string;
  readonly hint: string;
  readonly expiresAt: number | undefined;
}

/** A public key on its way into the store. */
export interface NewKey {
  readonly id: string;
  readonly jwk: PublicJwk;
  readonly expiresAt: number | undefined;
}

/** Which clients are listed. */
export interface ClientFilter {
  readonly state: ClientRow['state'] | undefined;
  readonly method: ClientRow['method'] | undefined;
  readonly resource: string | undefined;
  readonly owner: string | undefined;
  /** Part of id, label, owner or description, whatever its case. */
  readonly search: string | undefined;
}

/** @throws AuthorizationServerError `client_exists` */
export async function insertClient(
  transaction: Transaction<Schema>,
  { row, secrets, keys, access }: NewClient,
): Promise<void> {
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('clients')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows !== 1n) {
    throw new AuthorizationServerError('client_exists', `A client "${row.id}" is registered already.`);
  }
  for (const secret of secrets) await insertSecret(transaction, row.id, secret, row.created_at);
  for (const key of keys) await insertKey(transaction, row.id, key, row.created_at);
  await insertAccess(transaction, row.id, access);
}

/** Stores a secret's MAC. */
export async function insertSecret(
  transaction: Transaction<Schema>,
  clientId: string,
  { id, mac, hint, expiresAt }: NewSecret,
  createdAt: number,
): Promise<void> {
  await transaction
    .insertInto('client_secrets')
    .values({ id, client_id: clientId, mac, hint, created_at: createdAt, expires_at: expiresAt ?? null })
    .execute();
}

/** Stores a public key. */
export async function insertKey(
  transaction: Transaction<Schema>,
  clientId: string,
  { id, jwk, expiresAt }: NewKey,
  createdAt: number,
): Promise<void> {
  await transaction
    .insertInto('client_keys')
    .values({
      id,
      client_id: clientId,
      public_jwk: JSON.stringify(jwk),
      created_at: createdAt,
      expires_at: expiresAt ?? null,
    })
    .execute();
}

/** Stores what a client may do, in its order. */
export async function insertAccess(
  transaction: Transaction<Schema>,
  clientId: string,
  access: readonly ClientAccess[],
): Promise<void> {
  for (const [position, { resource, scopes, defaultScopes }] of access.entries()) {
    await transaction
      .insertInto('client_access')
      .values({
        client_id: clientId,
        resource,
        scopes: scopes.join(' '),
        default_scopes: defaultScopes?.join(' ') ?? null,
        position,
      })
      .execute();
  }
}

/** Deletes a secret or a key, with the note of its last use. */
export async function deleteCredential(
  transaction: Transaction<Schema>,
  table: 'client_secrets' | 'client_keys',
  clientId: string,
  credentialId: string,
): Promise<void> {
  await transaction
    .deleteFrom(table)
    .where('client_id', '=', clientId)
    .where('id', '=', credentialId)
    .execute();
  await transaction
    .deleteFrom('last_uses')
    .where('client_id', '=', clientId)
    .where('credential_id', '=', credentialId)
    .execute();
}

/** What a search looks through. */
export function searchTextOf(
  row: Pick<Insertable<Schema['clients']>, 'id' | 'label' | 'owner' | 'description'>,
): string {
  const texts = [row.id, row.label, row.owner, row.description];
  return toSearchText(texts.filter((text) => typeof text === 'string').join('\n'));
}

/** Reads one client. */
export async function readClient(
  db: Kysely<Schema>,
  clientId: string,
  lastUses: LastUses,
): Promise<StoredClient | undefined> {
  if (!isClientId(clientId)) return undefined;
  const rows = await db.selectFrom('clients').selectAll().where('id', '=', clientId).execute();
  return (await complete(db, rows, lastUses))[0];
}

/** Reads clients after an id, in the order of ids. */
export async function listClients(
  db: Kysely<Schema>,
  { state, method, resource, owner, search }: ClientFilter,
  limit: number,
  after: string,
  lastUses: LastUses,
): Promise<readonly StoredClient[]> {
  let query = db.selectFrom('clients').selectAll().where('id', '>', after).orderBy('id').limit(limit);
  if (state !== undefined) query = query.where('state', '=', state);
  if (method !== undefined) query = query.where('method', '=', method);
  if (owner !== undefined) query = query.where('owner', '=', owner);
  if (search !== undefined) {
    const pattern = `%${toSearchText(search).replace(/[\\%_]/g, '\\$&')}%`;
    query = query.where(sql<boolean>`search_text like ${pattern} escape '\\'`);
  }
  if (resource !== undefined) {
    // Not `in`, which would collect them all before the first page.
    query = query.where((clients) =>
      clients.exists(
        clients
          .selectFrom('client_access')
          .select('client_id')
          .whereRef('client_id', '=', 'clients.id')
          .where('resource', '=', resource),
      ),
    );
  }
  return await complete(db, await query.execute(), lastUses);
}

async function complete(
  db: Kysely<Schema>,
  rows: readonly ClientRow[],
  lastUses: LastUses,
): Promise<readonly StoredClient[]> {
  const ids = rows.map(({ id }) => id);
  const details = await readClientDetails(db, ids);
  const uses = await lastUses.read(db, ids);
  return rows.map((row) => ({
    row,
    details: details.get(row.id) as ClientDetails,
    uses: uses.get(row.id) as ClientUses,
  }));
}
