import { randomUUID } from 'node:crypto';

import type { Selectable, Transaction } from 'kysely';

import { AuthorizationServerError } from '../authorization-server-error.ts';
import { isClientId } from '../clients/client-id.ts';
import { redact } from '../redaction.ts';
import { readClientDetails, type ClientDetails } from './client-details.ts';
import type { Schema } from './schema.ts';

/** Options of every function that changes something. */
export interface ChangeOptions {
  /** Refuses the change with `revision_mismatch` unless this is still the current revision. */
  readonly ifRevision?: string;
}

/** A client that is being changed: no other transaction changes it meanwhile. */
export interface ChangingClient {
  readonly row: Selectable<Schema['clients']>;
  readonly details: ClientDetails;
}

/**
 * Begins the change of a client: it gets a new revision, by which every instance notices on its next request.
 *
 * The update comes before anything is read, so that a second change waits for the first.
 *
 * @param at - milliseconds
 * @throws AuthorizationServerError `not_found` or `revision_mismatch`
 */
export async function beginClientChange(
  transaction: Transaction<Schema>,
  clientId: string,
  { ifRevision }: ChangeOptions,
  at: number,
): Promise<ChangingClient> {
  // Anybody's text comes this far; what PostgreSQL cannot store would be an error there.
  if (!isClientId(clientId)) throw clientNotFound(clientId);
  let update = transaction
    .updateTable('clients')
    .set({ revision: randomUUID(), updated_at: at })
    .where('id', '=', clientId);
  if (ifRevision !== undefined) update = update.where('revision', '=', toRevision(ifRevision));
  const row = await update.returningAll().executeTakeFirst();
  if (row === undefined) throw await explainMissing(transaction, clientId);
  const details = (await readClientDetails(transaction, [clientId])).get(clientId) as ClientDetails;
  return { row, details };
}

/** A revision as it is compared: what cannot be one is none. */
export function toRevision(text: string): string {
  return /^[\w-]{1,64}$/.test(text) ? text : '';
}

/** Tells a client that is not there from one that was changed. */
export async function explainMissing(
  transaction: Transaction<Schema>,
  clientId: string,
): Promise<AuthorizationServerError> {
  const found = await transaction
    .selectFrom('clients')
    .select('id')
    .where('id', '=', clientId)
    .executeTakeFirst();
  return found === undefined
    ? clientNotFound(clientId)
    : new AuthorizationServerError(
        'revision_mismatch',
        `The client "${redact(clientId)}" was changed since it was read. Read it again, and repeat the change if it is still wanted.`,
      );
}

/** The error for a client that does not exist. */
export function clientNotFound(clientId: string): AuthorizationServerError {
  return new AuthorizationServerError('not_found', `There is no client "${redact(clientId)}".`);
}
