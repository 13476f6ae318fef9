import { assertKnownOptions } from '@mcp-m2m/core';

import { actedBy, OWNER, type Administrator } from '../administrator.ts';
import { AuthorizationServerError } from '../authorization-server-error.ts';
import {
  beginClientChange,
  clientNotFound,
  type ChangeOptions,
  type ChangingClient,
} from '../store/client-changes.ts';
import { deleteCredential, insertSecret, readClient, type NewSecret } from '../store/client-store.ts';
import type { ClientUses } from '../store/last-uses.ts';
import type { ClientSecret } from './client.ts';
import { isExpired, viewSecret } from './client-view.ts';
import type { ClientsDependencies } from './clients-dependencies.ts';
import { createSecret, revealOnce } from './create-client.ts';
import { makeRoom } from './credential-bound.ts';
import { parseFutureTime } from './iso-time.ts';

/** Options of `clients.secrets.create`. */
export interface CreateSecretOptions extends ChangeOptions {
  /** When it ends, ISO 8601; never unless given. */
  readonly expiresAt?: string;
}

/** A secret that was just created. `inspect` does not show it. */
export type CreatedSecret = ClientSecret & {
  /** Returned this once; it cannot be read again. */
  readonly secret: string;
};

/** The secrets of clients that authenticate with one: at most ten each, expired ones make room by themselves. */
export interface ClientSecrets {
  /** @throws AuthorizationServerError `not_found` or `authentication_method_mismatch` */
  list(clientId: string): Promise<readonly ClientSecret[]>;
  /**
   * Adds a secret; the others stay valid. To replace one, `clients.rotation` keeps track of it.
   *
   * @throws AuthorizationServerError `not_found`, `revision_mismatch`, `authentication_method_mismatch` or
   *   `too_many_credentials`
   */
  create(clientId: string, options?: CreateSecretOptions, by?: Administrator): Promise<CreatedSecret>;
  /**
   * Deletes a secret, which takes effect on the next token request.
   *
   * @throws AuthorizationServerError `not_found`, `revision_mismatch`, `authentication_method_mismatch`, or
   *   `rotation_under_way` for the new secret of a rotation
   */
  delete(clientId: string, secretId: string, options?: ChangeOptions, by?: Administrator): Promise<void>;
}

/** Nothing was used yet. */
export const UNUSED: ClientUses = { client: undefined, of: () => undefined };

/** Makes the administrative interface to the secrets of clients. */
export function createClientSecrets(dependencies: ClientsDependencies): ClientSecrets {
  const { database, macKey, report, now, lastUses } = dependencies;
  return {
    async list(clientId) {
      const stored = await readClient(database.db, clientId, lastUses);
      if (stored === undefined) throw clientNotFound(clientId);
      assertUsesSecrets(stored);
      return stored.details.secrets.map((secret) => viewSecret(secret, stored.uses, now()));
    },
    async create(clientId, options = {}, by = OWNER) {
      assertKnownOptions(options, ['expiresAt', 'ifRevision'], 'clients.secrets.create');
      const at = now();
      const { expiresAt } = options;
      const { secret, stored } = createSecret(
        macKey,
        expiresAt === undefined ? undefined : parseFutureTime(expiresAt, 'expiresAt', at),
      );
      await database.transact(async (transaction) => {
        const client = await beginClientChange(transaction, clientId, options, at);
        assertUsesSecrets(client);
        await makeRoom(transaction, 'client_secrets', clientId, client.details.secrets, at);
        await insertSecret(transaction, clientId, stored, at);
        const event = { type: 'client_secret_created', clientId, secretId: stored.id } as const;
        await report({ ...event, ...actedBy(by) }, transaction);
      });
      return revealSecret(stored, secret, at);
    },
    async delete(clientId, secretId, options = {}, by = OWNER) {
      assertKnownOptions(options, ['ifRevision'], 'clients.secrets.delete');
      const at = now();
      await database.transact(async (transaction) => {
        const client = await beginClientChange(transaction, clientId, options, at);
        assertUsesSecrets(client);
        const { secrets } = client.details;
        if (!secrets.some(({ id }) => id === secretId)) throw secretNotFound();
        if (secrets.some((secret) => secret.replacedBy === secretId && !isExpired(secret, at))) {
          throw new AuthorizationServerError(
            'rotation_under_way',
            'This is the new secret of a rotation that is under way: cancel the rotation, or finish it first.',
          );
        }
        await deleteCredential(transaction, 'client_secrets', clientId, secretId);
        await report({ type: 'client_secret_deleted', clientId, secretId, ...actedBy(by) }, transaction);
      });
    },
  };
}

/** Shows a secret that was just stored, together with the secret itself. */
export function revealSecret(stored: NewSecret, secret: string, at: number): CreatedSecret {
  const unused = { ...stored, createdAt: at, replacedBy: undefined, expiresAtBefore: undefined };
  return revealOnce(viewSecret(unused, UNUSED, at), secret);
}

/** @throws AuthorizationServerError `authentication_method_mismatch` */
export function assertUsesSecrets({ row }: Pick<ChangingClient, 'row'>): void {
  if (row.method === 'secret') return;
  throw new AuthorizationServerError(
    'authentication_method_mismatch',
    `The client "${row.id}" has no secrets: it ${row.method === 'workload' ? 'is recognised by trust rules' : 'signs assertions (private_key_jwt)'}.`,
  );
}

function secretNotFound(): AuthorizationServerError {
  return new AuthorizationServerError('not_found', 'The client has no secret of this id.');
}
