import { assertKnownOptions } from '@mcp-m2m/core';

import type { Database } from '../store/database.ts';
import { parseInstant, parseLimit, type PageOptions, type PeriodOptions } from './page-options.ts';
import type { UsageRow } from './usage-counter.ts';

/** Options of `usage.list`. */
export interface ListUsageOptions extends PeriodOptions, PageOptions {
  readonly clientId?: string;
  readonly resource?: string;
}

/** Tokens issued to one client for one resource, and refused to it, in one hour. */
export interface UsageHour {
  /** When the hour began, ISO 8601. */
  readonly hour: string;
  /** Undefined for refusals of requests that were no known client's. */
  readonly clientId: string | undefined;
  /** Undefined for refusals. */
  readonly resource: string | undefined;
  readonly issued: number;
  readonly refused: number;
}

/** A page of the usage. */
export interface UsagePage {
  readonly hours: readonly UsageHour[];
  /** Pass it as `cursor` to get the next page; undefined on the last one. */
  readonly nextCursor: string | undefined;
}

/** Usage per client and resource per hour. What a process that died had not written, a second's worth, is not in it. */
export interface Usage {
  /**
   * Lists the usage, the newest hour first.
   *
   * @throws TypeError when an option is wrong
   */
  list(options?: ListUsageOptions): Promise<UsagePage>;
}

/**
 * Makes the reading side of the usage.
 *
 * @param database - where it is kept
 * @param flush - writes what this process has not written yet
 */
export function createUsage({ db }: Database, flush: () => Promise<void>): Usage {
  return {
    async list(options = {}) {
      assertKnownOptions(options, ['clientId', 'resource', 'from', 'to', 'limit', 'cursor'], 'usage.list');
      const { clientId, resource, cursor } = options;
      const limit = parseLimit(options.limit);
      const [from, to] = [parseInstant(options.from, 'from'), parseInstant(options.to, 'to')];
      const after = cursor === undefined ? undefined : parseCursor(cursor);
      await flush();
      let query = db.selectFrom('usage_hours').selectAll();
      if (clientId !== undefined) query = query.where('client_id', '=', clientId);
      if (resource !== undefined) query = query.where('resource', '=', resource);
      if (from !== undefined) query = query.where('hour', '>=', from);
      if (to !== undefined) query = query.where('hour', '<', to);
      if (after !== undefined) {
        const [hour, client, target] = after;
        query = query.where((row) =>
          row.or([
            row('hour', '<', hour),
            row.and([row('hour', '=', hour), row('client_id', '>', client)]),
            row.and([row('hour', '=', hour), row('client_id', '=', client), row('resource', '>', target)]),
          ]),
        );
      }
      const rows = await query
        .orderBy('hour', 'desc')
        .orderBy('client_id')
        .orderBy('resource')
        .limit(limit + 1)
        .execute();
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        hours: page.map(toHour),
        nextCursor: rows.length > limit && last !== undefined ? formatCursor(last) : undefined,
      };
    },
  };
}

function toHour({ hour, client_id, resource, issued, refused }: UsageRow): UsageHour {
  return {
    hour: new Date(hour).toISOString(),
    clientId: client_id === '' ? undefined : client_id,
    resource: resource === '' ? undefined : resource,
    issued,
    refused,
  };
}

function formatCursor({ hour, client_id, resource }: UsageRow): string {
  return Buffer.from(JSON.stringify([hour, client_id, resource])).toString('base64url');
}

function parseCursor(cursor: string): readonly [number, string, string] {
  try {
    const [hour, clientId, resource, ...rest] = JSON.parse(
      Buffer.from(cursor, 'base64url').toString(),
    ) as unknown[];
    if (
      Number.isSafeInteger(hour) &&
      typeof clientId === 'string' &&
      typeof resource === 'string' &&
      rest.length === 0
    ) {
      return [hour as number, clientId, resource];
    }
  } catch {
    // Said below.
  }
  throw new TypeError('cursor must be the nextCursor of a page before.');
}
