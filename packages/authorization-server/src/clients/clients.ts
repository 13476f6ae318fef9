import { assertKnownOptions } from '@mcp-m2m/core';

import { actedBy, OWNER, type Administrator } from '../administrator.ts';
import {
  beginClientChange,
  explainMissing,
  toRevision,
  type ChangeOptions,
} from '../store/client-changes.ts';
import { insertClient, listClients, readClient, type NewClient } from '../store/client-store.ts';
import { isClientId } from './client-id.ts';
import type { Client } from './client.ts';
import { createClientKeys, type ClientKeys } from './client-keys.ts';
import { createClientSecrets, type ClientSecrets } from './client-secrets.ts';
import { viewClient } from './client-view.ts';
import type { ClientsDependencies } from './clients-dependencies.ts';
import { prepareClient, revealOnce, type CreateClientOptions, type CreatedClient } from './create-client.ts';
import { parseClientListing, type ListClientsOptions } from './list-clients.ts';
import { createClientRotation, type ClientRotation } from './rotation.ts';
import { updateClient, type UpdateClientOptions } from './update-client.ts';

/** A page of clients, in the order of their ids. */
export interface ClientPage {
  readonly clients: readonly Client[];
  /** Pass it as `after` to get the next page; undefined on the last one. */
  readonly nextAfter: string | undefined;
}

/** The registered clients. A change takes effect on the next token request, on every instance. */
export interface Clients {
  /** Their secrets. */
  readonly secrets: ClientSecrets;
  /** The replacement of secrets. */
  readonly rotation: ClientRotation;
  /** Their public keys. */
  readonly keys: ClientKeys;
  /**
   * Registers a client.
   *
   * @throws TypeError when an option is wrong
   * @throws AuthorizationServerError `client_exists` when the id is taken
   */
  create(options: CreateClientOptions, by?: Administrator): Promise<CreatedClient>;
  get(clientId: string): Promise<Client | undefined>;
  list(options?: ListClientsOptions): Promise<ClientPage>;
  /**
   * Changes what is given of a client; how it proves itself stays.
   *
   * @throws TypeError when an option is wrong
   * @throws AuthorizationServerError `not_found` or `revision_mismatch`
   */
  update(clientId: string, changes: UpdateClientOptions, by?: Administrator): Promise<Client>;
  /**
   * Stops a client: it gets no tokens until it is enabled.
   *
   * @throws AuthorizationServerError `not_found` or `revision_mismatch`
   */
  disable(clientId: string, options?: ChangeOptions, by?: Administrator): Promise<Client>;
  /** @throws AuthorizationServerError `not_found` or `revision_mismatch` */
  enable(clientId: string, options?: ChangeOptions, by?: Administrator): Promise<Client>;
  /**
   * Deletes a client with its secrets and keys.
   *
   * @returns whether there was such a client
   * @throws AuthorizationServerError `revision_mismatch`
   */
  delete(clientId: string, options?: ChangeOptions, by?: Administrator): Promise<boolean>;
}

/** Makes the administrative interface to the clients. */
export function createClients(
  dependencies: ClientsDependencies,
  accessTokenLifetimeSeconds: number,
): Clients {
  const { database, directory, lastUses, macKey, report, now, withdrawTokens } = dependencies;

  const get = async (clientId: string): Promise<Client | undefined> => {
    const stored = await readClient(database.db, clientId, lastUses);
    return stored && viewClient(stored, now());
  };

  async function setState(
    clientId: string,
    state: Client['state'],
    options: ChangeOptions,
    by: Administrator,
  ): Promise<Client> {
    assertKnownOptions(options, ['ifRevision'], `clients.${state === 'enabled' ? 'enable' : 'disable'}`);
    return await database.transact(async (transaction) => {
      const at = now();
      await beginClientChange(transaction, clientId, options, at);
      await transaction.updateTable('clients').set({ state }).where('id', '=', clientId).execute();
      if (state === 'disabled') await withdrawTokens?.(transaction, clientId, at);
      await report({ type: `client_${state}`, clientId, ...actedBy(by) }, transaction);
      const stored = await readClient(transaction, clientId, lastUses);
      return viewClient(stored as NonNullable<typeof stored>, at);
    });
  }

  return {
    secrets: createClientSecrets(dependencies),
    rotation: createClientRotation(dependencies, accessTokenLifetimeSeconds),
    keys: createClientKeys(dependencies),
    async create(options, by = OWNER) {
      const at = now();
      const { client, secret } = await prepareClient(options, await directory.current(), macKey, at);
      const created = await database.transact(async (transaction) => {
        await insertClient(transaction, client);
        await report({ ...describeCreation(client), ...actedBy(by) }, transaction);
        const stored = await readClient(transaction, client.row.id, lastUses);
        return viewClient(stored as NonNullable<typeof stored>, at);
      });
      return secret === undefined ? created : revealOnce(created, secret);
    },
    get,
    async list(options = {}) {
      const { filter, limit, after } = parseClientListing(options);
      // One more than asked for tells whether there is a next page.
      const found = await listClients(database.db, filter, limit + 1, after, lastUses);
      const clients = found.slice(0, limit).map((stored) => viewClient(stored, now()));
      return { clients, nextAfter: found.length > limit ? clients.at(-1)?.clientId : undefined };
    },
    async update(clientId, changes, by = OWNER) {
      const resources = await directory.current();
      return await database.transact(async (transaction) => {
        const at = now();
        const changed = await updateClient(transaction, clientId, changes, resources, at);
        await report({ type: 'client_updated', clientId, changed, ...actedBy(by) }, transaction);
        const stored = await readClient(transaction, clientId, lastUses);
        return viewClient(stored as NonNullable<typeof stored>, at);
      });
    },
    disable: async (clientId, options = {}, by = OWNER) => await setState(clientId, 'disabled', options, by),
    enable: async (clientId, options = {}, by = OWNER) => await setState(clientId, 'enabled', options, by),
    async delete(clientId, options = {}, by = OWNER) {
      assertKnownOptions(options, ['ifRevision'], 'clients.delete');
      const { ifRevision } = options;
      return await database.transact(async (transaction) => {
        if (!isClientId(clientId)) return false;
        let deletion = transaction.deleteFrom('clients').where('id', '=', clientId);
        if (ifRevision !== undefined) deletion = deletion.where('revision', '=', toRevision(ifRevision));
        const { numDeletedRows } = await deletion.executeTakeFirstOrThrow();
        if (numDeletedRows === 0n) {
          const missing = await explainMissing(transaction, clientId);
          if (missing.code === 'not_found') return false;
          throw missing;
        }
        await withdrawTokens?.(transaction, clientId, now());
        await report({ type: 'client_deleted', clientId, ...actedBy(by) }, transaction);
        return true;
      });
    },
  };
}

function describeCreation({ row, access }: NewClient) {
  return {
    type: 'client_created',
    clientId: row.id,
    authenticationMethod: row.method,
    resources: access.map(({ resource }) => resource),
  } as const;
}
