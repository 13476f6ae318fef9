import type { Kysely } from 'kysely';

import type { ClientAccess } from '../clients/access.ts';
import type { PublicJwk } from '../keys/public-jwk.ts';
import type { Schema } from './schema.ts';

/** What belongs to a client beside its own row. */
export interface ClientDetails {
  readonly secrets: { readonly mac: string; readonly hint: string; readonly createdAt: number }[];
  readonly keys: PublicJwk[];
  readonly access: ClientAccess[];
}

/**
 * Reads secrets (as MACs), keys and access of some clients.
 *
 * @returns an entry for every id asked for
 */
export async function readClientDetails(
  db: Kysely<Schema>,
  clientIds: readonly string[],
): Promise<Map<string, ClientDetails>> {
  const details = new Map<string, ClientDetails>();
  for (const clientId of clientIds) details.set(clientId, { secrets: [], keys: [], access: [] });
  if (clientIds.length === 0) return details;
  const secrets = await db
    .selectFrom('client_secrets')
    .select(['client_id', 'mac', 'hint', 'created_at'])
    .where('client_id', 'in', clientIds)
    .orderBy('created_at')
    .execute();
  for (const { client_id, mac, hint, created_at } of secrets) {
    details.get(client_id)?.secrets.push({ mac, hint, createdAt: created_at });
  }
  const keys = await db
    .selectFrom('client_keys')
    .select(['client_id', 'public_jwk'])
    .where('client_id', 'in', clientIds)
    .orderBy('created_at')
    .execute();
  for (const { client_id, public_jwk } of keys) {
    details.get(client_id)?.keys.push(JSON.parse(public_jwk) as PublicJwk);
  }
  const access = await db
    .selectFrom('client_access')
    .select(['client_id', 'resource', 'scopes'])
    .where('client_id', 'in', clientIds)
    .orderBy('position')
    .execute();
  for (const { client_id, resource, scopes } of access) {
    details.get(client_id)?.access.push({ resource, scopes: scopes === '' ? [] : scopes.split(' ') });
  }
  return details;
}
