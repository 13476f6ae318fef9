import { randomUUID } from 'node:crypto';

import { assertKnownOptions, parseResourceIdentifier } from '@mcp-m2m/core';

import { actedBy, OWNER, type Administrator } from '../administrator.ts';
import { AuthorizationServerError } from '../authorization-server-error.ts';
import type { ReportEvent } from '../events.ts';
import type { ChangeOptions } from '../store/client-changes.ts';
import type { Database } from '../store/database.ts';
import {
  beginResourceChange,
  clientsOfResource,
  insertResource,
  readResource,
  removeAccessTo,
  type ResourceRow,
} from '../store/resource-store.ts';
import type { ResourceDirectory, ResourceScopes } from './current-resources.ts';
import { listAllResources, type ListResourcesOptions, type ResourcePage } from './list-resources.ts';
import { assertToolScopes, parseResourceSettings, type ResourceSettings } from './resource-settings.ts';
import { viewConfigured, viewRegistered } from './resource-view.ts';
import type { Resource } from './resource.ts';

/** Options of `resources.create`. */
export interface CreateResourceOptions extends ResourceSettings {
  /** The MCP server's identifier, for example `https://mcp.example.com/mcp`. */
  readonly resource: string;
  readonly scopes: readonly string[];
}

/** Options of `resources.update`: what is left out stays as it is. */
export interface UpdateResourceOptions extends ResourceSettings, ChangeOptions {}

/** Options of `resources.delete`. */
export interface DeleteResourceOptions extends ChangeOptions {
  /** Takes the resource away from the clients that may use it, instead of refusing. */
  readonly removeAccess?: boolean;
}

/**
 * The MCP servers that tokens can be issued for: those of the configuration and those that administrators
 * registered. A change takes effect here at once, and within two seconds on every other instance.
 */
export interface Resources {
  get(resource: string): Promise<Resource | undefined>;
  list(options?: ListResourcesOptions): Promise<ResourcePage>;
  /**
   * @throws TypeError when an option is wrong
   * @throws AuthorizationServerError `resource_exists`
   */
  create(options: CreateResourceOptions, by?: Administrator): Promise<Resource>;
  /**
   * Changes what is given. A scope that is taken away is no longer granted to the clients that have it, and is
   * theirs again when it comes back.
   *
   * @throws TypeError when an option is wrong
   * @throws AuthorizationServerError `not_found`, `resource_configured` or `revision_mismatch`
   */
  update(resource: string, changes: UpdateResourceOptions, by?: Administrator): Promise<Resource>;
  /**
   * @returns whether there was such a resource
   * @throws AuthorizationServerError `resource_configured`, `resource_in_use` or `revision_mismatch`
   */
  delete(resource: string, options?: DeleteResourceOptions, by?: Administrator): Promise<boolean>;
}

/** Dependencies of {@link createResources}. */
export interface ResourcesDependencies {
  readonly database: Database;
  readonly directory: ResourceDirectory;
  readonly configured: ResourceScopes;
  readonly report: ReportEvent;
  /** The clock, in milliseconds. */
  readonly now: () => number;
}

/** Makes the administrative interface to the resources. */
export function createResources({
  database,
  directory,
  configured,
  report,
  now,
}: ResourcesDependencies): Resources {
  function assertNotConfigured(resource: string): void {
    if (!configured.has(resource)) return;
    throw new AuthorizationServerError(
      'resource_configured',
      `${resource} is part of this server's configuration; change it there.`,
    );
  }

  return {
    async get(resource) {
      const id = parseResourceIdentifier(resource);
      const scopes = configured.get(id);
      if (scopes !== undefined) return viewConfigured(id, scopes);
      const row = await readResource(database.db, id);
      return row && viewRegistered(row);
    },
    list: async (options = {}) => await listAllResources(database.db, configured, options),
    async create(options, by = OWNER) {
      assertKnownOptions(options, ['resource', 'label', 'scopes', 'tools'], 'resources.create');
      const resource = parseResourceIdentifier(options.resource);
      const { label, scopes, tools } = parseResourceSettings(options);
      if (scopes === undefined)
        throw new TypeError('scopes must list every scope of the MCP server, or be [].');
      assertToolScopes(tools, scopes);
      const at = now();
      const row: ResourceRow = {
        id: resource,
        label: label ?? null,
        scopes: scopes.join(' '),
        tools: tools === undefined || tools === null ? null : JSON.stringify(tools),
        revision: randomUUID(),
        created_at: at,
        updated_at: at,
      };
      await database.transact(async (transaction) => {
        if (configured.has(resource) || !(await insertResource(transaction, row))) {
          throw new AuthorizationServerError('resource_exists', `${resource} is registered already.`);
        }
        await report({ type: 'resource_created', resource, ...actedBy(by) }, transaction);
      });
      directory.expire();
      return viewRegistered(row);
    },
    async update(identifier, changes, by = OWNER) {
      assertKnownOptions(changes, ['label', 'scopes', 'tools', 'ifRevision'], 'resources.update');
      const resource = parseResourceIdentifier(identifier);
      assertNotConfigured(resource);
      const { label, scopes, tools } = parseResourceSettings(changes);
      const at = now();
      const updated = await database.transact(async (transaction) => {
        const row = await beginResourceChange(transaction, resource, changes, at);
        if (row === undefined) throw explainMissing(resource, await readResource(transaction, resource));
        const changed: ResourceRow = {
          ...row,
          ...(label === undefined ? {} : { label }),
          ...(scopes === undefined ? {} : { scopes: scopes.join(' ') }),
          ...(tools === undefined ? {} : { tools: tools && JSON.stringify(tools) }),
        };
        const view = viewRegistered(changed);
        assertToolScopes(view.tools, view.scopes);
        const { id: _id, ...columns } = changed;
        await transaction.updateTable('resources').set(columns).where('id', '=', resource).execute();
        await report({ type: 'resource_updated', resource, ...actedBy(by) }, transaction);
        return view;
      });
      directory.expire();
      return updated;
    },
    async delete(identifier, options = {}, by = OWNER) {
      assertKnownOptions(options, ['removeAccess', 'ifRevision'], 'resources.delete');
      const resource = parseResourceIdentifier(identifier);
      assertNotConfigured(resource);
      const at = now();
      const deleted = await database.transact(async (transaction) => {
        const row = await beginResourceChange(transaction, resource, options, at);
        if (row === undefined) {
          const missing = explainMissing(resource, await readResource(transaction, resource));
          if (missing.code === 'not_found') return false;
          throw missing;
        }
        if (options.removeAccess === true) await removeAccessTo(transaction, resource, at);
        else assertUnused(resource, await clientsOfResource(transaction, resource));
        await transaction.deleteFrom('resources').where('id', '=', resource).execute();
        await report({ type: 'resource_deleted', resource, ...actedBy(by) }, transaction);
        return true;
      });
      directory.expire();
      return deleted;
    },
  };
}

function explainMissing(resource: string, found: ResourceRow | undefined): AuthorizationServerError {
  return found === undefined
    ? new AuthorizationServerError('not_found', `There is no resource ${resource}.`)
    : new AuthorizationServerError(
        'revision_mismatch',
        `${resource} was changed since it was read. Read it again, and repeat the change if it is still wanted.`,
      );
}

const MOST_NAMED = 10;

function assertUnused(resource: string, clients: readonly string[]): void {
  if (clients.length === 0) return;
  const named = clients.slice(0, MOST_NAMED).join(', ');
  const more = clients.length > MOST_NAMED ? ` and ${clients.length - MOST_NAMED} more` : '';
  throw new AuthorizationServerError(
    'resource_in_use',
    `${resource} may be used by ${named}${more}. Take it away from them first, or pass removeAccess: true.`,
  );
}
