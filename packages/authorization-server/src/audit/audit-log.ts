import { assertKnownOptions, printable } from '@mcp-m2m/core';
import type { Selectable } from 'kysely';

import type { AuthorizationServerEvent } from '../events.ts';
import type { Database } from '../store/database.ts';
import type { Schema } from '../store/schema.ts';
import { parseInstant, parseLimit, type PageOptions, type PeriodOptions } from './page-options.ts';

/** What entries of the audit trail are chosen by; all of what is given has to hold. */
export interface AuditFilters extends PeriodOptions {
  /** The event's `type`, or several. */
  readonly type?: AuthorizationServerEvent['type'] | readonly AuthorizationServerEvent['type'][];
  /** The client concerned. */
  readonly clientId?: string;
  /** Who did it: an administrator's client id or subject, `owner`, `server`; of a token request, its client. */
  readonly actor?: string;
  readonly resource?: string;
  readonly address?: string;
  /** The true reason of a refusal. */
  readonly reason?: string;
}

/** Options of `audit.list`. */
export interface ListAuditOptions extends AuditFilters, PageOptions {
  /** `newest` first unless given. */
  readonly order?: 'newest' | 'oldest';
}

/** One thing that happened. */
export interface AuditEntry {
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  readonly type: AuthorizationServerEvent['type'];
  readonly actor: string | undefined;
  readonly clientId: string | undefined;
  readonly resource: string | undefined;
  readonly address: string | undefined;
  readonly reason: string | undefined;
  /** The rest of the event; `repeated` says how often the same happened again right afterwards. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** A page of the audit trail. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** Pass it as `cursor` to get the next page; undefined on the last one. */
  readonly nextCursor: string | undefined;
}

/**
 * The audit trail: every administrative act and every refusal. Append-only: nothing changes an entry, and
 * nothing removes one but its age (`audit.retentionDays`).
 */
export interface AuditLog {
  /** @throws TypeError when an option is wrong */
  list(options?: ListAuditOptions): Promise<AuditPage>;
  /**
   * Reads entries from the oldest to the newest, each as one line of JSON with its line feed.
   *
   * @throws TypeError when a filter is wrong
   */
  export(filters?: AuditFilters): AsyncIterable<string>;
}

const FILTERS = ['type', 'clientId', 'actor', 'resource', 'address', 'reason', 'from', 'to'] as const;
const EXPORT_PAGE = 500;

/**
 * Makes the reading side of the audit trail.
 *
 * @param database - where it is kept
 * @param flush - writes what this process has not written yet
 */
export function createAuditLog({ db }: Database, flush: () => Promise<void>): AuditLog {
  async function read(filters: AuditFilters, limit: number, order: 'newest' | 'oldest', cursor?: string) {
    const [from, to] = [parseInstant(filters.from, 'from'), parseInstant(filters.to, 'to')];
    const types = filters.type === undefined ? [] : [filters.type].flat();
    let query = db.selectFrom('audit_events').selectAll();
    if (types.length > 0) query = query.where('type', 'in', types);
    for (const [column, value] of [
      ['client_id', filters.clientId],
      ['actor', filters.actor],
      ['resource', filters.resource],
      ['address', filters.address],
      ['reason', filters.reason],
    ] as const) {
      if (value !== undefined) query = query.where(column, '=', value);
    }
    if (from !== undefined) query = query.where('at', '>=', from);
    if (to !== undefined) query = query.where('at', '<', to);
    const after = cursor === undefined ? undefined : parseCursor(cursor);
    if (after !== undefined) query = query.where('id', order === 'newest' ? '<' : '>', after);
    // One more than asked for tells whether there is a next page.
    const rows = await query
      .orderBy('id', order === 'newest' ? 'desc' : 'asc')
      .limit(limit + 1)
      .execute();
    const entries = rows.slice(0, limit).map(toEntry);
    return { entries, nextCursor: rows.length > limit ? entries.at(-1)?.id : undefined };
  }

  return {
    async list(options = {}) {
      assertKnownOptions(options, [...FILTERS, 'order', 'limit', 'cursor'], 'audit.list');
      const { order = 'newest' } = options;
      if (order !== 'newest' && order !== 'oldest') {
        throw new TypeError(`order must be "newest" or "oldest", received ${printable(order)}.`);
      }
      const limit = parseLimit(options.limit);
      await flush();
      return await read(options, limit, order, options.cursor);
    },
    async *export(filters = {}) {
      assertKnownOptions(filters, FILTERS, 'audit.export');
      await flush();
      let cursor: string | undefined;
      do {
        const page = await read(filters, EXPORT_PAGE, 'oldest', cursor);
        for (const entry of page.entries) yield `${JSON.stringify(entry)}\n`;
        cursor = page.nextCursor;
      } while (cursor !== undefined);
    },
  };
}

function parseCursor(cursor: string): number {
  if (!/^\d{1,15}$/.test(cursor)) throw new TypeError('cursor must be the nextCursor of a page before.');
  return Number(cursor);
}

function toEntry(row: Selectable<Schema['audit_events']>): AuditEntry {
  return {
    id: String(row.id),
    at: new Date(row.at).toISOString(),
    type: row.type as AuditEntry['type'],
    actor: row.actor ?? undefined,
    clientId: row.client_id ?? undefined,
    resource: row.resource ?? undefined,
    address: row.address ?? undefined,
    reason: row.reason ?? undefined,
    detail: JSON.parse(row.detail) as Record<string, unknown>,
  };
}
