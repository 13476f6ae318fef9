import type { AuthorizationServerEvent } from '../events.ts';
import type { Schema } from '../store/schema.ts';

/** A row of the audit trail on its way into the table. */
export type AuditRow = Omit<Schema['audit_events'], 'id'>;

/**
 * Makes the row that records an event.
 *
 * @param repeated - how often the same happened again, where that was counted instead of recorded
 */
export function toAuditRow(event: AuthorizationServerEvent, repeated = 0): AuditRow {
  const { at, type, ...rest } = event;
  const { actor, clientId, resource, remoteAddress, reason, ...detail } = rest as Record<string, unknown>;
  return {
    at,
    type,
    actor: text(actor ?? clientId),
    client_id: text(clientId),
    resource: text(resource),
    address: text(remoteAddress),
    reason: text(reason),
    detail: JSON.stringify(repeated === 0 ? detail : { ...detail, repeated }),
  };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
