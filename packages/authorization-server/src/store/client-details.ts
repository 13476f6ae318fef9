import type { Kysely } from 'kysely';

import type { ClientAccess } from '../clients/access.ts';
import type { PublicJwk } from '../keys/public-jwk.ts';
import { padList } from './padded-list.ts';
import type { Schema } from './schema.ts';

/** A stored secret; times in milliseconds. */
export interface StoredSecret {
  readonly id: string;
  readonly mac: string;
  readonly hint: string;
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
  /** The secret that takes its place, while a rotation is under way. */
  readonly replacedBy: string | undefined;
  /** `expiresAt` as it was before the rotation. */
  readonly expiresAtBefore: number | undefined;
}

/** A stored public key; times in milliseconds. */
export interface StoredKey {
  readonly id: string;
  readonly jwk: PublicJwk;
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
}

/** What belongs to a client beside its own row. */
export interface ClientDetails {
  readonly secrets: StoredSecret[];
  readonly keys: StoredKey[];
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
  const ids = padList(clientIds);
  const secrets = await db
    .selectFrom('client_secrets')
    .selectAll()
    .where('client_id', 'in', ids)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  for (const row of secrets) {
    details.get(row.client_id)?.secrets.push({
      id: row.id,
      mac: row.mac,
      hint: row.hint,
      createdAt: row.created_at,
      expiresAt: row.expires_at ?? undefined,
      replacedBy: row.replaced_by ?? undefined,
      expiresAtBefore: row.expires_at_before ?? undefined,
    });
  }
  const keys = await db
    .selectFrom('client_keys')
    .selectAll()
    .where('client_id', 'in', ids)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  for (const { id, client_id, public_jwk, created_at, expires_at } of keys) {
    details.get(client_id)?.keys.push({
      id,
      jwk: JSON.parse(public_jwk) as PublicJwk,
      createdAt: created_at,
      expiresAt: expires_at ?? undefined,
    });
  }
  const access = await db
    .selectFrom('client_access')
    .select(['client_id', 'resource', 'scopes', 'default_scopes'])
    .where('client_id', 'in', ids)
    .orderBy('position')
    .execute();
  for (const { client_id, resource, scopes, default_scopes } of access) {
    details.get(client_id)?.access.push({
      resource,
      scopes: splitScopes(scopes),
      ...(default_scopes === null ? {} : { defaultScopes: splitScopes(default_scopes) }),
    });
  }
  return details;
}

function splitScopes(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ');
}
