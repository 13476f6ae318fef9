import { assertKnownOptions } from '@mcp-m2m/core';
import type { Kysely } from 'kysely';

import { parseFilterText, parseLimit } from '../clients/list-clients.ts';
import { listResources } from '../store/resource-store.ts';
import type { Schema } from '../store/schema.ts';
import type { ResourceScopes } from './current-resources.ts';
import { viewConfigured, viewRegistered } from './resource-view.ts';
import type { Resource } from './resource.ts';

/** Options of `resources.list`. */
export interface ListResourcesOptions {
  /** Most resources in one page, 1 to 1000; 100 unless given. */
  readonly limit?: number;
  /** `nextAfter` of the page before. */
  readonly after?: string;
  readonly source?: 'configuration' | 'administrator';
}

/** A page of resources, in the order of their identifiers. */
export interface ResourcePage {
  readonly resources: readonly Resource[];
  /** Pass it as `after` to get the next page; undefined on the last one. */
  readonly nextAfter: string | undefined;
}

/**
 * Lists the resources of the configuration and the registered ones, in one order.
 *
 * @throws TypeError naming the option
 */
export async function listAllResources(
  db: Kysely<Schema>,
  configured: ResourceScopes,
  options: ListResourcesOptions,
): Promise<ResourcePage> {
  assertKnownOptions(options, ['limit', 'after', 'source'], 'resources.list');
  const { source } = options;
  if (source !== undefined && source !== 'configuration' && source !== 'administrator') {
    throw new TypeError('source must be "configuration" or "administrator", or be left out.');
  }
  const limit = parseLimit(options.limit);
  const after = parseFilterText(options.after, 'after') ?? '';
  const found: Resource[] = [];
  if (source !== 'administrator') {
    for (const [resource, scopes] of configured) {
      if (resource > after) found.push(viewConfigured(resource, scopes));
    }
  }
  if (source !== 'configuration') {
    // Those that the configuration hides are skipped, so as many more are read.
    const rows = await listResources(db, limit + 1 + configured.size, after);
    for (const row of rows) if (!configured.has(row.id)) found.push(viewRegistered(row));
  }
  found.sort((a, b) => (a.resource < b.resource ? -1 : 1));
  const resources = found.slice(0, limit);
  return { resources, nextAfter: found.length > limit ? resources.at(-1)?.resource : undefined };
}
