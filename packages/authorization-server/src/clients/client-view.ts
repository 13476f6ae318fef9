import type { Selectable } from 'kysely';

import type { ClientDetails, StoredKey, StoredSecret } from '../store/client-details.ts';
import type { ClientUses } from '../store/last-uses.ts';
import type { Schema } from '../store/schema.ts';
import type { Client, ClientAuthentication, ClientKey, ClientSecret } from './client.ts';
import type { GrantType } from './grant-types.ts';
import { toIsoTime, toOptionalIsoTime } from './iso-time.ts';

/** Everything that is stored of a client. */
export interface StoredClient {
  readonly row: Selectable<Schema['clients']>;
  readonly details: ClientDetails;
  readonly uses: ClientUses;
}

/**
 * Shows a stored client, without anything secret.
 *
 * @param now - milliseconds, for the states of secrets and keys
 */
export function viewClient({ row, details, uses }: StoredClient, now: number): Client {
  return {
    clientId: row.id,
    label: row.label ?? undefined,
    owner: row.owner ?? undefined,
    description: row.description ?? undefined,
    state: row.state,
    authentication: viewAuthentication(row.method, details, uses, now),
    jwksUri: row.jwks_uri ?? undefined,
    assertionAudience: row.assertion_audience ?? undefined,
    grantTypes: row.grant_types.split(' ') as GrantType[],
    access: details.access,
    defaultResource: row.default_resource ?? undefined,
    tokenLifetimeSeconds: row.token_lifetime_seconds ?? undefined,
    senderConstraint: row.sender_constraint ?? undefined,
    addresses: row.addresses === null ? undefined : (JSON.parse(row.addresses) as string[]),
    expiresAt: toOptionalIsoTime(row.expires_at),
    createdAt: toIsoTime(row.created_at),
    updatedAt: toIsoTime(row.updated_at),
    lastUsedAt: toOptionalIsoTime(uses.client),
    revision: row.revision,
  };
}

function viewAuthentication(
  method: Schema['clients']['method'],
  { secrets, keys }: ClientDetails,
  uses: ClientUses,
  now: number,
): ClientAuthentication {
  switch (method) {
    case 'secret':
      return { method, secrets: secrets.map((secret) => viewSecret(secret, uses, now)) };
    case 'private_key_jwt':
      return { method, keys: keys.map((key) => viewKey(key, uses, now)) };
    case 'workload':
      return { method };
  }
}

/** Shows a stored secret: all but the secret. */
export function viewSecret(secret: StoredSecret, uses: ClientUses, now: number): ClientSecret {
  const state = isExpired(secret, now) ? 'expired' : secret.replacedBy === undefined ? 'active' : 'retiring';
  return {
    id: secret.id,
    hint: secret.hint,
    state,
    createdAt: toIsoTime(secret.createdAt),
    expiresAt: toOptionalIsoTime(secret.expiresAt),
    lastUsedAt: toOptionalIsoTime(uses.of(secret.id)),
  };
}

/** Shows a stored key. */
export function viewKey(key: StoredKey, uses: ClientUses, now: number): ClientKey {
  return {
    id: key.id,
    publicKey: key.jwk,
    state: isExpired(key, now) ? 'expired' : 'active',
    createdAt: toIsoTime(key.createdAt),
    expiresAt: toOptionalIsoTime(key.expiresAt),
    lastUsedAt: toOptionalIsoTime(uses.of(key.id)),
  };
}

/** Tells whether a secret or key is past its expiry. */
export function isExpired({ expiresAt }: { readonly expiresAt: number | undefined }, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}
