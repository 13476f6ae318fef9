import type { Kysely } from 'kysely';

import { AuthorizationServerError } from '../authorization-server-error.ts';
import type { ClientAccess } from '../clients/access.ts';
import type { Client } from '../clients/client.ts';
import type { PublicJwk } from '../keys/public-jwk.ts';
import { readClientDetails, type ClientDetails } from './client-details.ts';
import type { Database } from './database.ts';
import type { Schema } from './schema.ts';

/** A validated client on its way into the store. */
export interface NewClient {
  readonly clientId: string;
  readonly label: string | undefined;
  readonly method: 'secret' | 'private_key_jwt';
  readonly revision: string;
  readonly secrets: readonly { readonly id: string; readonly mac: string; readonly hint: string }[];
  readonly keys: readonly { readonly id: string; readonly jwk: PublicJwk }[];
  readonly access: readonly ClientAccess[];
}

/** What the administrative side does with clients. */
export interface ClientStore {
  /** @throws AuthorizationServerError `client_exists` */
  insert(client: NewClient, createdAt: number): Promise<Client>;
  get(clientId: string): Promise<Client | undefined>;
  /** Clients after an id, in the order of ids. */
  list(limit: number, after: string): Promise<Client[]>;
  delete(clientId: string): Promise<boolean>;
}

/** Keeps clients in the database. */
export function createClientStore({ db, transact }: Database): ClientStore {
  return {
    async insert(client, createdAt) {
      const { clientId, label, method, revision, secrets, keys, access } = client;
      return await transact(async (transaction) => {
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto('clients')
          .values({ id: clientId, label: label ?? null, method, revision, created_at: createdAt })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirstOrThrow();
        if (numInsertedOrUpdatedRows !== 1n) {
          throw new AuthorizationServerError(
            'client_exists',
            `A client "${clientId}" is registered already.`,
          );
        }
        for (const { id, mac, hint } of secrets) {
          await transaction
            .insertInto('client_secrets')
            .values({ id, client_id: clientId, mac, hint, created_at: createdAt })
            .execute();
        }
        for (const { id, jwk } of keys) {
          await transaction
            .insertInto('client_keys')
            .values({ id, client_id: clientId, public_jwk: JSON.stringify(jwk), created_at: createdAt })
            .execute();
        }
        for (const [position, { resource, scopes }] of access.entries()) {
          await transaction
            .insertInto('client_access')
            .values({ client_id: clientId, resource, scopes: scopes.join(' '), position })
            .execute();
        }
        return (await readClients(transaction, (query) => query.where('id', '=', clientId)))[0] as Client;
      });
    },
    async get(clientId) {
      return (await readClients(db, (query) => query.where('id', '=', clientId)))[0];
    },
    async list(limit, after) {
      return await readClients(db, (query) => query.where('id', '>', after).orderBy('id').limit(limit));
    },
    async delete(clientId) {
      return await transact(async (transaction) => {
        const { numDeletedRows } = await transaction
          .deleteFrom('clients')
          .where('id', '=', clientId)
          .executeTakeFirstOrThrow();
        return numDeletedRows === 1n;
      });
    },
  };
}

function selectClients(db: Kysely<Schema>) {
  return db.selectFrom('clients').select(['id', 'label', 'method', 'created_at']);
}

type ClientQuery = ReturnType<typeof selectClients>;

async function readClients(
  db: Kysely<Schema>,
  narrow: (query: ClientQuery) => ClientQuery,
): Promise<Client[]> {
  const rows = await narrow(selectClients(db)).execute();
  const details = await readClientDetails(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map(({ id, label, method, created_at }) => {
    const { secrets, keys, access } = details.get(id) as ClientDetails;
    return {
      clientId: id,
      label: label ?? undefined,
      authentication:
        method === 'secret'
          ? {
              method,
              secrets: secrets.map(({ hint, createdAt }) => ({
                hint,
                createdAt: new Date(createdAt).toISOString(),
              })),
            }
          : { method, keys },
      access,
      createdAt: new Date(created_at).toISOString(),
    };
  });
}
