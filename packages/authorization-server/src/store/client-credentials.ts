import type { ClientAccess } from '../clients/access.ts';
import type { PublicJwk } from '../keys/public-jwk.ts';
import { readClientDetails } from './client-details.ts';
import type { Database } from './database.ts';
import type { Schema } from './schema.ts';

/** What a token request needs to know of a client. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly method: 'secret' | 'private_key_jwt';
  readonly secretMacs: readonly string[];
  readonly keys: readonly PublicJwk[];
  readonly access: readonly ClientAccess[];
}

/** Finds a client for a token request; the same object as long as nothing about the client changed. */
export type FindClientCredentials = (clientId: string) => Promise<ClientCredentials | undefined>;

type Found = Pick<Schema['clients'], 'revision' | 'method'>;

const MAX_CACHED = 1000;

/**
 * Makes the lookup that token requests use.
 *
 * One row is read on every request, so that a change made anywhere takes effect at once; the rest is read
 * only when the row's revision is new.
 */
export function createCredentialsLookup({ db }: Database): FindClientCredentials {
  const cache = new Map<string, { readonly revision: string; readonly credentials: ClientCredentials }>();
  // Built once; only its one parameter changes.
  const query = db.selectFrom('clients').select(['revision', 'method']).where('id', '=', '').compile();
  return async (clientId) => {
    const { rows } = await db.executeQuery<Found>({ ...query, parameters: [clientId] });
    const [row] = rows;
    if (row === undefined) return undefined;
    const cached = cache.get(clientId);
    if (cached?.revision === row.revision) return cached.credentials;

    const details = (await readClientDetails(db, [clientId])).get(clientId);
    if (details === undefined) return undefined;
    const credentials: ClientCredentials = {
      clientId,
      method: row.method,
      secretMacs: details.secrets.map(({ mac }) => mac),
      keys: details.keys,
      access: details.access,
    };
    cache.delete(clientId);
    cache.set(clientId, { revision: row.revision, credentials });
    if (cache.size > MAX_CACHED) cache.delete(cache.keys().next().value as string);
    return credentials;
  };
}
