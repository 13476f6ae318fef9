import { assertKnownOptions } from '@mcp-m2m/core';
import type { Transaction } from 'kysely';

import { actedBy, OWNER, type Administrator } from '../administrator.ts';
import { AuthorizationServerError } from '../authorization-server-error.ts';
import { beginClientChange, clientNotFound, type ChangeOptions } from '../store/client-changes.ts';
import type { StoredSecret } from '../store/client-details.ts';
import { deleteCredential, insertSecret, readClient } from '../store/client-store.ts';
import type { Schema } from '../store/schema.ts';
import { assertUsesSecrets, revealSecret, type CreatedSecret } from './client-secrets.ts';
import { isExpired } from './client-view.ts';
import type { ClientsDependencies } from './clients-dependencies.ts';
import { createSecret } from './create-client.ts';
import { makeRoom } from './credential-bound.ts';
import { parseFutureTime } from './iso-time.ts';
import { judgeReadiness, type RotationReadiness, type StoredRotation } from './rotation-readiness.ts';

/** Options of `clients.rotation.start`. */
export interface StartRotationOptions extends ChangeOptions {
  /** When the old secret ends at the latest, ISO 8601. */
  readonly endsAt: string;
  /** When the new secret ends, ISO 8601, after `endsAt`; never unless given. */
  readonly expiresAt?: string;
}

/**
 * The replacement of a client's secrets without an interruption.
 *
 * `start` adds a new secret beside the old ones, which from then on end at a date. Both are valid until
 * `finish` removes the old ones, `cancel` removes the new one and gives the old ones their own expiry back, or
 * the date passes.
 */
export interface ClientRotation {
  /**
   * A rotation whose date has passed is finished by the way.
   *
   * @returns the new secret, this once
   * @throws AuthorizationServerError `rotation_under_way`, `nothing_to_rotate`, `too_many_credentials`,
   *   `not_found`, `revision_mismatch` or `authentication_method_mismatch`
   */
  start(clientId: string, options: StartRotationOptions, by?: Administrator): Promise<CreatedSecret>;
  /**
   * Removes the old secrets now.
   *
   * @throws AuthorizationServerError `rotation_not_started`, `not_found`, `revision_mismatch` or
   *   `authentication_method_mismatch`
   */
  finish(clientId: string, options?: ChangeOptions, by?: Administrator): Promise<void>;
  /**
   * Removes the new secret; the old ones are as they were before.
   *
   * @throws AuthorizationServerError `rotation_not_started`, `rotation_ended`, `not_found`, `revision_mismatch`
   *   or `authentication_method_mismatch`
   */
  cancel(clientId: string, options?: ChangeOptions, by?: Administrator): Promise<void>;
  /**
   * Tells whether the old secret is still in use and what to do. Uses at another instance are seen up to five
   * seconds late.
   *
   * @throws AuthorizationServerError `rotation_not_started`, `not_found` or `authentication_method_mismatch`
   */
  readiness(clientId: string): Promise<RotationReadiness>;
}

/** Makes the administrative interface to rotations. */
export function createClientRotation(
  { database, macKey, report, now, lastUses }: ClientsDependencies,
  accessTokenLifetimeSeconds: number,
): ClientRotation {
  return {
    async start(clientId, options, by = OWNER) {
      assertKnownOptions(options, ['endsAt', 'expiresAt', 'ifRevision'], 'clients.rotation.start');
      const at = now();
      const endsAt = parseFutureTime(options.endsAt, 'endsAt', at);
      const { secret, stored } = createSecret(macKey, parseNewExpiry(options.expiresAt, endsAt));
      await database.transact(async (transaction) => {
        const client = await beginClientChange(transaction, clientId, options, at);
        assertUsesSecrets(client);
        const secrets = await concludeEnded(transaction, clientId, client.details.secrets, at);
        const replaced = secrets.filter((one) => !isExpired(one, at));
        if (replaced.length === 0) throw nothingToRotate();
        await makeRoom(transaction, 'client_secrets', clientId, secrets, at);
        await insertSecret(transaction, clientId, stored, at);
        for (const old of replaced) await retire(transaction, old, stored.id, endsAt);
        const event = { type: 'client_rotation_started', clientId, secretId: stored.id } as const;
        const ends = new Date(endsAt).toISOString();
        await report({ ...event, endsAt: ends, ...actedBy(by) }, transaction);
      });
      return revealSecret(stored, secret, at);
    },
    async finish(clientId, options = {}, by = OWNER) {
      assertKnownOptions(options, ['ifRevision'], 'clients.rotation.finish');
      await database.transact(async (transaction) => {
        const client = await beginClientChange(transaction, clientId, options, now());
        assertUsesSecrets(client);
        const { replaced } = findRotation(client.details.secrets);
        for (const { id } of replaced) await deleteCredential(transaction, 'client_secrets', clientId, id);
        await report({ type: 'client_rotation_finished', clientId, ...actedBy(by) }, transaction);
      });
    },
    async cancel(clientId, options = {}, by = OWNER) {
      assertKnownOptions(options, ['ifRevision'], 'clients.rotation.cancel');
      const at = now();
      await database.transact(async (transaction) => {
        const client = await beginClientChange(transaction, clientId, options, at);
        assertUsesSecrets(client);
        const { replacement, replaced, endsAt } = findRotation(client.details.secrets);
        if (endsAt <= at) throw ended();
        await deleteCredential(transaction, 'client_secrets', clientId, replacement.id);
        for (const { id, expiresAtBefore } of replaced) await restore(transaction, id, expiresAtBefore);
        await report({ type: 'client_rotation_cancelled', clientId, ...actedBy(by) }, transaction);
      });
    },
    async readiness(clientId) {
      const stored = await readClient(database.db, clientId, lastUses);
      if (stored === undefined) throw clientNotFound(clientId);
      assertUsesSecrets(stored);
      const lifetime = stored.row.token_lifetime_seconds ?? accessTokenLifetimeSeconds;
      return judgeReadiness(findRotation(stored.details.secrets), stored.uses, lifetime, now());
    },
  };
}

/** The new secret outlives the old ones: otherwise nothing would be left. */
function parseNewExpiry(value: unknown, endsAt: number): number | undefined {
  if (value === undefined) return undefined;
  const expiresAt = parseFutureTime(value, 'expiresAt', 0);
  if (expiresAt > endsAt) return expiresAt;
  throw new TypeError('expiresAt must be later than endsAt: the new secret has to outlive the old one.');
}

/**
 * Finds the rotation that is under way or whose date has passed.
 *
 * @throws AuthorizationServerError `rotation_not_started`
 */
function findRotation(secrets: readonly StoredSecret[]): StoredRotation {
  const replaced = secrets.filter(({ replacedBy }) => replacedBy !== undefined);
  const replacement = secrets.find(({ id }) => replaced.some(({ replacedBy }) => replacedBy === id));
  if (replacement === undefined) {
    throw new AuthorizationServerError(
      'rotation_not_started',
      'No rotation is under way for this client; start one first.',
    );
  }
  // The last of them to end: none is valid afterwards.
  const endsAt = Math.max(...replaced.map(({ expiresAt }) => expiresAt ?? 0));
  return { replacement, replaced, endsAt };
}

/** Removes what a rotation left whose date has passed; refuses while one is under way. */
async function concludeEnded(
  transaction: Transaction<Schema>,
  clientId: string,
  secrets: readonly StoredSecret[],
  at: number,
): Promise<readonly StoredSecret[]> {
  const replaced = secrets.filter(({ replacedBy }) => replacedBy !== undefined);
  if (replaced.some((secret) => !isExpired(secret, at))) {
    throw new AuthorizationServerError(
      'rotation_under_way',
      'A rotation is under way for this client; finish or cancel it first.',
    );
  }
  for (const { id } of replaced) await deleteCredential(transaction, 'client_secrets', clientId, id);
  return secrets.filter((secret) => !replaced.includes(secret));
}

/** An earlier end of its own stays. */
async function retire(
  transaction: Transaction<Schema>,
  { id, expiresAt }: StoredSecret,
  replacedBy: string,
  endsAt: number,
): Promise<void> {
  await transaction
    .updateTable('client_secrets')
    .set({
      replaced_by: replacedBy,
      expires_at: Math.min(expiresAt ?? endsAt, endsAt),
      expires_at_before: expiresAt ?? null,
    })
    .where('id', '=', id)
    .execute();
}

async function restore(
  transaction: Transaction<Schema>,
  id: string,
  expiresAtBefore: number | undefined,
): Promise<void> {
  await transaction
    .updateTable('client_secrets')
    .set({ replaced_by: null, expires_at: expiresAtBefore ?? null, expires_at_before: null })
    .where('id', '=', id)
    .execute();
}

function nothingToRotate(): AuthorizationServerError {
  return new AuthorizationServerError(
    'nothing_to_rotate',
    'The client has no valid secret that could be replaced; create one.',
  );
}

function ended(): AuthorizationServerError {
  return new AuthorizationServerError(
    'rotation_ended',
    'The date of the rotation has passed, and the old secret does not come back. Finish the rotation.',
  );
}
