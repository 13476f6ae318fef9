import { randomUUID } from 'node:crypto';

import { assertKnownOptions } from '@mcp-m2m/core';

import { actedBy, OWNER, type Administrator } from '../administrator.ts';
import { AuthorizationServerError } from '../authorization-server-error.ts';
import { parseClientPublicKey } from '../keys/client-public-key.ts';
import type { PublicJwk } from '../keys/public-jwk.ts';
import {
  beginClientChange,
  clientNotFound,
  type ChangeOptions,
  type ChangingClient,
} from '../store/client-changes.ts';
import { deleteCredential, insertKey, readClient } from '../store/client-store.ts';
import type { ClientKey } from './client.ts';
import { viewKey } from './client-view.ts';
import type { ClientsDependencies } from './clients-dependencies.ts';
import { UNUSED } from './client-secrets.ts';
import { makeRoom } from './credential-bound.ts';
import { parseFutureTime } from './iso-time.ts';

/** Options of `clients.keys.add`. */
export interface AddKeyOptions extends ChangeOptions {
  /** JWK or PEM text; a private key is refused. */
  readonly publicKey: PublicJwk | string;
  /** When it ends, ISO 8601; never unless given. */
  readonly expiresAt?: string;
}

/** Options of `clients.keys.update`. */
export interface UpdateKeyOptions extends ChangeOptions {
  /** When it ends, ISO 8601; `null` for never. */
  readonly expiresAt: string | null;
}

/**
 * The registered public keys of clients that sign assertions: at most ten each, all of them valid until they
 * expire or are removed, so that keys can overlap. Those at `jwksUri` are not among them.
 */
export interface ClientKeys {
  /** @throws AuthorizationServerError `not_found` or `authentication_method_mismatch` */
  list(clientId: string): Promise<readonly ClientKey[]>;
  /**
   * @throws TypeError when the key is private, weak, of another kind, or the client has one of its key id
   * @throws AuthorizationServerError `not_found`, `revision_mismatch`, `authentication_method_mismatch` or
   *   `too_many_credentials`
   */
  add(clientId: string, options: AddKeyOptions, by?: Administrator): Promise<ClientKey>;
  /**
   * Sets when a key ends.
   *
   * @throws AuthorizationServerError `not_found`, `revision_mismatch` or `authentication_method_mismatch`
   */
  update(clientId: string, keyId: string, options: UpdateKeyOptions, by?: Administrator): Promise<void>;
  /**
   * Removes a key, which takes effect on the next token request.
   *
   * @throws AuthorizationServerError `not_found`, `revision_mismatch` or `authentication_method_mismatch`
   */
  remove(clientId: string, keyId: string, options?: ChangeOptions, by?: Administrator): Promise<void>;
}

/** Makes the administrative interface to the keys of clients. */
export function createClientKeys({ database, report, now, lastUses }: ClientsDependencies): ClientKeys {
  return {
    async list(clientId) {
      const stored = await readClient(database.db, clientId, lastUses);
      if (stored === undefined) throw clientNotFound(clientId);
      assertSigns(stored);
      return stored.details.keys.map((key) => viewKey(key, stored.uses, now()));
    },
    async add(clientId, options, by = OWNER) {
      assertKnownOptions(options, ['publicKey', 'expiresAt', 'ifRevision'], 'clients.keys.add');
      const at = now();
      const { expiresAt } = options;
      const key = {
        id: randomUUID(),
        jwk: await parseClientPublicKey(options.publicKey, 'publicKey'),
        expiresAt: expiresAt === undefined ? undefined : parseFutureTime(expiresAt, 'expiresAt', at),
      };
      await database.transact(async (transaction) => {
        const client = await beginClientChange(transaction, clientId, options, at);
        assertSigns(client);
        const { keys } = client.details;
        if (keys.some(({ jwk }) => jwk.kid === key.jwk.kid)) {
          throw new TypeError(
            'publicKey: the client has a key of this key id already; remove that one first, or give the new one another kid.',
          );
        }
        await makeRoom(transaction, 'client_keys', clientId, keys, at);
        await insertKey(transaction, clientId, key, at);
        await report({ type: 'client_key_added', clientId, keyId: key.id, ...actedBy(by) }, transaction);
      });
      return viewKey({ ...key, createdAt: at }, UNUSED, at);
    },
    async update(clientId, keyId, options, by = OWNER) {
      assertKnownOptions(options, ['expiresAt', 'ifRevision'], 'clients.keys.update');
      const at = now();
      const expires = options.expiresAt === null ? null : parseFutureTime(options.expiresAt, 'expiresAt', at);
      await database.transact(async (transaction) => {
        const client = await beginClientChange(transaction, clientId, options, at);
        assertHasKey(client, keyId);
        await transaction
          .updateTable('client_keys')
          .set({ expires_at: expires })
          .where('client_id', '=', clientId)
          .where('id', '=', keyId)
          .execute();
        await report({ type: 'client_key_updated', clientId, keyId, ...actedBy(by) }, transaction);
      });
    },
    async remove(clientId, keyId, options = {}, by = OWNER) {
      assertKnownOptions(options, ['ifRevision'], 'clients.keys.remove');
      await database.transact(async (transaction) => {
        const client = await beginClientChange(transaction, clientId, options, now());
        assertHasKey(client, keyId);
        await deleteCredential(transaction, 'client_keys', clientId, keyId);
        await report({ type: 'client_key_removed', clientId, keyId, ...actedBy(by) }, transaction);
      });
    },
  };
}

function assertSigns({ row }: Pick<ChangingClient, 'row'>): void {
  if (row.method === 'private_key_jwt') return;
  throw new AuthorizationServerError(
    'authentication_method_mismatch',
    `The client "${row.id}" has no keys: it ${row.method === 'workload' ? 'is recognised by trust rules' : 'authenticates with a secret'}.`,
  );
}

function assertHasKey(client: ChangingClient, keyId: string): void {
  assertSigns(client);
  if (client.details.keys.some(({ id }) => id === keyId)) return;
  throw new AuthorizationServerError('not_found', 'The client has no key of this id.');
}
