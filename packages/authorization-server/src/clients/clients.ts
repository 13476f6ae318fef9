import type { KeyObject } from 'node:crypto';

import { assertKnownOptions, printable } from '@mcp-m2m/core';

import type { ReportEvent } from '../events.ts';
import type { ClientStore } from '../store/client-store.ts';
import type { Client } from './client.ts';
import { prepareClient, revealOnce, type CreateClientOptions, type CreatedClient } from './create-client.ts';

/** Options of `clients.list`. */
export interface ListClientsOptions {
  /** Most clients in one page, 1 to 1000; 100 unless given. */
  readonly limit?: number;
  /** `nextAfter` of the page before. */
  readonly after?: string;
}

/** A page of clients, in the order of their ids. */
export interface ClientPage {
  readonly clients: readonly Client[];
  /** Pass it as `after` to get the next page; undefined on the last one. */
  readonly nextAfter: string | undefined;
}

/** The registered clients. A change takes effect on the next token request. */
export interface Clients {
  /**
   * Registers a client.
   *
   * @throws TypeError when an option is wrong
   * @throws AuthorizationServerError `client_exists` when the id is taken
   */
  create(options: CreateClientOptions): Promise<CreatedClient>;
  get(clientId: string): Promise<Client | undefined>;
  list(options?: ListClientsOptions): Promise<ClientPage>;
  /**
   * Deletes a client with its secrets and keys. Tokens it holds stay valid until they expire.
   *
   * @returns whether there was such a client
   */
  delete(clientId: string): Promise<boolean>;
}

/** Dependencies of {@link createClients}. */
export interface ClientsDependencies {
  readonly store: ClientStore;
  readonly resources: ReadonlyMap<string, readonly string[]>;
  readonly macKey: KeyObject;
  readonly report: ReportEvent;
  readonly now: () => number;
}

/** Makes the administrative interface to the clients. */
export function createClients({ store, resources, macKey, report, now }: ClientsDependencies): Clients {
  return {
    async create(options) {
      const { client, secret } = await prepareClient(options, resources, macKey);
      const stored = await store.insert(client, now());
      report({
        type: 'client_created',
        clientId: client.clientId,
        authenticationMethod: client.method,
        resources: client.access.map(({ resource }) => resource),
      });
      return revealOnce(stored, secret);
    },
    get: async (clientId) => await store.get(clientId),
    async list(options = {}) {
      assertKnownOptions(options, ['limit', 'after'], 'clients.list');
      const { limit = 100, after } = options;
      if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
        throw new TypeError(`limit must be a whole number from 1 to 1000, received ${printable(limit)}.`);
      }
      // One more than asked for tells whether there is a next page.
      const found = await store.list(limit + 1, after ?? '');
      const clients = found.slice(0, limit);
      return { clients, nextAfter: found.length > limit ? clients.at(-1)?.clientId : undefined };
    },
    async delete(clientId) {
      const deleted = await store.delete(clientId);
      if (deleted) report({ type: 'client_deleted', clientId });
      return deleted;
    },
  };
}
