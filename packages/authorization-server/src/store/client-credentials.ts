import type { ClientAccess } from '../clients/access.ts';
import { isClientId } from '../clients/client-id.ts';
import type { PublicJwk } from '../keys/public-jwk.ts';
import { readClientDetails } from './client-details.ts';
import type { Database } from './database.ts';
import type { Schema } from './schema.ts';

/** A secret as a token request needs it. */
export interface SecretCredential {
  readonly id: string;
  /** HMAC of the secret. */
  readonly mac: string;
  /** Milliseconds. */
  readonly expiresAt: number | undefined;
}

/** A public key as a token request needs it. */
export interface KeyCredential {
  readonly id: string;
  readonly jwk: PublicJwk;
  /** Milliseconds. */
  readonly expiresAt: number | undefined;
}

/** What a token request needs to know of a client. */
export interface ClientCredentials {
  readonly clientId: string;
  /** Another one after every change to the client. */
  readonly revision: string;
  readonly method: Schema['clients']['method'];
  readonly state: Schema['clients']['state'];
  /** Milliseconds. */
  readonly expiresAt: number | undefined;
  readonly grantTypes: readonly string[];
  /** The resource of a request that names none. */
  readonly defaultResource: string | undefined;
  /** The server's lifetime when undefined. */
  readonly tokenLifetimeSeconds: number | undefined;
  /** What every token has to be bound to. */
  readonly senderConstraint: 'dpop' | 'mtls' | undefined;
  /** Addresses and networks in CIDR notation that requests may come from; any when undefined. */
  readonly addresses: readonly string[] | undefined;
  readonly secrets: readonly SecretCredential[];
  /** Registered keys, and those of `jwksUri` once they were resolved. */
  readonly keys: readonly KeyCredential[];
  readonly jwksUri: string | undefined;
  /** Which audience beside the issuer its assertions may have. */
  readonly assertionAudience: 'token-endpoint' | undefined;
  readonly access: readonly ClientAccess[];
}

/** Finds a client for a token request; the same object as long as nothing about the client changed. */
export type FindClientCredentials = (clientId: string) => Promise<ClientCredentials | undefined>;

const MAX_CACHED = 1000;

/**
 * Makes the lookup that token requests use.
 *
 * One row is read on every request, so that a change made anywhere takes effect at once; the rest is read
 * only when the row's revision is new.
 */
export function createCredentialsLookup({ db, prepare }: Database): FindClientCredentials {
  const cache = new Map<string, ClientCredentials>();
  // Built once; only its one parameter changes.
  const readRevision = prepare(db.selectFrom('clients').select('revision').where('id', '=', '').compile());
  return async (clientId) => {
    // Anybody's text comes this far; what PostgreSQL cannot store (U+0000) would be an error there.
    if (!isClientId(clientId)) return undefined;
    const { rows } = await readRevision([clientId]);
    const [row] = rows;
    const cached = cache.get(clientId);
    if (row !== undefined && cached?.revision === row.revision) return cached;
    cache.delete(clientId);
    const credentials = row && (await readCredentials(db, clientId, row.revision));
    if (credentials === undefined) return undefined;
    cache.set(clientId, credentials);
    if (cache.size > MAX_CACHED) cache.delete(cache.keys().next().value as string);
    return credentials;
  };
}

/**
 * Reads everything about a client, under the revision that was seen before: what changed meanwhile is then
 * read again by the next request, because its revision is another.
 */
async function readCredentials(
  db: Database['db'],
  clientId: string,
  revision: string,
): Promise<ClientCredentials | undefined> {
  const row = await db.selectFrom('clients').selectAll().where('id', '=', clientId).executeTakeFirst();
  const details = (await readClientDetails(db, [clientId])).get(clientId);
  if (row === undefined || details === undefined) return undefined;
  return {
    clientId,
    revision,
    method: row.method,
    state: row.state,
    expiresAt: row.expires_at ?? undefined,
    grantTypes: row.grant_types.split(' '),
    defaultResource: row.default_resource ?? undefined,
    tokenLifetimeSeconds: row.token_lifetime_seconds ?? undefined,
    senderConstraint: row.sender_constraint ?? undefined,
    addresses: row.addresses === null ? undefined : (JSON.parse(row.addresses) as string[]),
    secrets: details.secrets.map(({ id, mac, expiresAt }) => ({ id, mac, expiresAt })),
    keys: details.keys.map(({ id, jwk, expiresAt }) => ({ id, jwk, expiresAt })),
    jwksUri: row.jwks_uri ?? undefined,
    assertionAudience: row.assertion_audience ?? undefined,
    access: details.access,
  };
}
