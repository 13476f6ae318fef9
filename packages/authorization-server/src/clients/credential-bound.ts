import type { Transaction } from 'kysely';

import { AuthorizationServerError } from '../authorization-server-error.ts';
import { deleteCredential } from '../store/client-store.ts';
import type { Schema } from '../store/schema.ts';
import { isExpired } from './client-view.ts';

/** Most secrets, and most keys, of one client. */
export const MAX_CREDENTIALS = 10;

/**
 * Makes room for one more secret or key: expired ones are deleted, the oldest first, as far as needed.
 *
 * @param credentials - those the client has, the oldest first
 * @param now - milliseconds
 * @throws AuthorizationServerError `too_many_credentials` when too many are valid
 */
export async function makeRoom(
  transaction: Transaction<Schema>,
  table: 'client_secrets' | 'client_keys',
  clientId: string,
  credentials: readonly { readonly id: string; readonly expiresAt: number | undefined }[],
  now: number,
): Promise<void> {
  const excess = credentials.length - MAX_CREDENTIALS + 1;
  if (excess <= 0) return;
  const expired = credentials.filter((credential) => isExpired(credential, now));
  if (expired.length < excess) {
    throw new AuthorizationServerError(
      'too_many_credentials',
      `The client has ${MAX_CREDENTIALS} valid ${table === 'client_secrets' ? 'secrets' : 'keys'}, and no more are allowed. Remove one that is no longer used.`,
    );
  }
  for (const { id } of expired.slice(0, excess)) await deleteCredential(transaction, table, clientId, id);
}
