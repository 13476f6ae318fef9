import { toIsoTime } from '../clients/iso-time.ts';
import type { ResourceRow } from '../store/resource-store.ts';
import type { Resource, ResourceTool } from './resource.ts';

/** Shows a resource of the configuration. */
export function viewConfigured(resource: string, scopes: readonly string[]): Resource {
  return {
    resource,
    source: 'configuration',
    label: undefined,
    scopes,
    tools: undefined,
    createdAt: undefined,
    updatedAt: undefined,
    revision: undefined,
  };
}

/** Shows a registered resource. */
export function viewRegistered(row: ResourceRow): Resource {
  return {
    resource: row.id,
    source: 'administrator',
    label: row.label ?? undefined,
    scopes: row.scopes === '' ? [] : row.scopes.split(' '),
    tools: row.tools === null ? undefined : (JSON.parse(row.tools) as ResourceTool[]),
    createdAt: toIsoTime(row.created_at),
    updatedAt: toIsoTime(row.updated_at),
    revision: row.revision,
  };
}
