import { assertKnownOptions } from '@mcp-m2m/core';
import type { Transaction } from 'kysely';

import type { ResourceScopes } from '../resources/current-resources.ts';
import { beginClientChange, type ChangeOptions } from '../store/client-changes.ts';
import { insertAccess, searchTextOf } from '../store/client-store.ts';
import type { Schema } from '../store/schema.ts';
import { parseAccess, type ClientAccess } from './access.ts';
import { CLIENT_SETTINGS, parseClientSettings, type ClientSettings } from './client-settings.ts';
import { assertDefaultResource } from './default-resource.ts';

/** Options of `clients.update`: what is left out stays as it is. */
export interface UpdateClientOptions extends ClientSettings, ChangeOptions {
  /** Everything the client may get tokens for from now on, at least one resource. */
  readonly access?: readonly ClientAccess[];
}

/**
 * Validates and makes changes to a client.
 *
 * @param resources - the server's scopes by resource
 * @param now - milliseconds
 * @returns the names of what was given
 * @throws TypeError naming the option and the mend
 * @throws AuthorizationServerError `not_found` or `revision_mismatch`
 */
export async function updateClient(
  transaction: Transaction<Schema>,
  clientId: string,
  options: UpdateClientOptions,
  resources: ResourceScopes,
  now: number,
): Promise<readonly string[]> {
  const known = [...CLIENT_SETTINGS, 'access'] as const;
  assertKnownOptions(options, [...known, 'ifRevision'], 'clients.update');
  const { row, details } = await beginClientChange(transaction, clientId, options, now);
  const settings = parseClientSettings(options, row.method, now);
  const access = options.access === undefined ? details.access : parseAccess(options.access, resources);
  const changed = { ...row, ...settings };
  assertDefaultResource(changed.default_resource, access);
  await transaction
    .updateTable('clients')
    .set({ ...settings, search_text: searchTextOf(changed) })
    .where('id', '=', clientId)
    .execute();
  if (options.access !== undefined) {
    await transaction.deleteFrom('client_access').where('client_id', '=', clientId).execute();
    await insertAccess(transaction, clientId, access);
  }
  return known.filter((name) => options[name] !== undefined);
}
