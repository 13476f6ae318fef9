import { sql, type Transaction } from 'kysely';

import type { AuthorizationServerEvent } from '../events.ts';
import type { Database } from '../store/database.ts';
import type { Schema } from '../store/schema.ts';
import type { AuditRules } from './audit-rules.ts';
import { toAuditRow, type AuditRow } from './audit-row.ts';
import { createUsageCounter, type UsageRow } from './usage-counter.ts';

/** Writes events into the audit trail and the usage table, in batches. */
export interface EventWriter {
  /** Takes an event; it is written within a second. */
  add(event: AuthorizationServerEvent): void;
  /**
   * Writes what is waiting.
   *
   * @throws Error when the database cannot be written; what was waiting goes on waiting
   */
  readonly flush: () => Promise<void>;
  /** Writes what is waiting, as far as that can be done, and takes no more. */
  close(): Promise<void>;
}

/** Dependencies of {@link createEventWriter}. */
export interface EventWriterDependencies {
  readonly database: Database;
  readonly rules: AuditRules;
  /** Told when a batch could not be written. */
  readonly onFailure: (error: unknown) => void;
  /** Told how many events were lost. */
  readonly onDropped: (count: number) => void;
}

const WRITE_AFTER_MS = 1000;
const WRITE_AT = 128;
const MAX_WAITING = 10_000;
// Few sizes, so that few statements are prepared.
const ROWS_AT_ONCE = [64, 8, 1];

// What a flood or an outage brings again and again. The first is recorded, the rest of a batch is counted.
const COUNTED_REASONS = new Set<unknown>([
  'internal_failure',
  'server_stopping',
  'store_unavailable',
  'throttled',
]);

interface Waiting {
  readonly event: AuthorizationServerEvent;
  repeated: number;
}

/**
 * Makes the writer.
 *
 * At most ten thousand events wait, so that neither a flood nor an outage of the database fills the memory;
 * what comes on top is lost, and the number of what was lost is reported. A process that dies loses what waits.
 */
export function createEventWriter(dependencies: EventWriterDependencies): EventWriter {
  const { database, rules, onFailure, onDropped } = dependencies;
  const usage = createUsageCounter();
  let waiting: Waiting[] = [];
  let alike = new Map<string, Waiting>();
  let dropped = 0;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let writing: Promise<void> = Promise.resolve();

  function schedule(milliseconds: number): void {
    if (closed) return;
    timer ??= setTimeout(writeInBackground, milliseconds).unref();
  }

  function writeInBackground(): void {
    clearTimeout(timer);
    timer = undefined;
    flush().catch((error: unknown) => {
      onFailure(error);
      schedule(WRITE_AFTER_MS);
    });
  }

  function remember(event: AuthorizationServerEvent): void {
    const key = repetitionKey(event);
    const same = key === undefined ? undefined : alike.get(key);
    if (same !== undefined) {
      same.repeated++;
      return;
    }
    if (waiting.length >= MAX_WAITING) {
      dropped++;
      return;
    }
    const entry = { event, repeated: 0 };
    waiting.push(entry);
    if (key !== undefined) alike.set(key, entry);
  }

  async function flush(): Promise<void> {
    // One after the other: two batches at once would not keep the order.
    const next = writing.catch(() => undefined).then(writeBatch);
    writing = next;
    await next;
  }

  async function writeBatch(): Promise<void> {
    if (waiting.length === 0 && usage.isEmpty()) return;
    const [batch, counts] = [waiting, usage.take()];
    waiting = [];
    alike = new Map();
    if (dropped > 0) {
      const count = dropped;
      dropped = 0;
      onDropped(count);
    }
    try {
      // One instance after the other: whoever reads on from the latest entry must not miss one with a smaller
      // number that is committed later.
      await database.transact(async (transaction) => {
        await insertRows(
          transaction,
          batch.map(({ event, repeated }) => toAuditRow(event, repeated)),
        );
        // In one order everywhere: instances that lock rows crosswise would wait for each other.
        for (const row of counts.toSorted(compareUsage)) await addUsage(transaction, row);
      });
    } catch (error) {
      // What came meanwhile is newer, and the first to go when there is no room for all.
      const all = [...batch, ...waiting];
      waiting = all.slice(0, MAX_WAITING);
      dropped += all.length - waiting.length;
      usage.restore(counts);
      throw error;
    }
  }

  return {
    add(event) {
      if (closed) return;
      usage.count(event);
      if (event.type !== 'token_issued' || rules.issuedTokens) remember(event);
      if (waiting.length === WRITE_AT) writeInBackground();
      else schedule(WRITE_AFTER_MS);
    },
    flush,
    async close() {
      if (closed) return;
      clearTimeout(timer);
      await flush().catch(onFailure);
      // What the first one had to say of itself.
      if (waiting.length > 0) await flush().catch(() => undefined);
      closed = true;
    },
  };
}

function compareUsage(one: UsageRow, other: UsageRow): number {
  const key = ({ hour, client_id, resource }: UsageRow) => `${hour} ${client_id} ${resource}`;
  return key(one) < key(other) ? -1 : 1;
}

function repetitionKey(event: AuthorizationServerEvent): string | undefined {
  const counted = event.type === 'server_failed' || ('reason' in event && COUNTED_REASONS.has(event.reason));
  return counted ? JSON.stringify({ ...event, at: 0 }) : undefined;
}

async function insertRows(transaction: Transaction<Schema>, rows: readonly AuditRow[]): Promise<void> {
  for (let start = 0; start < rows.length;) {
    const size = ROWS_AT_ONCE.find((candidate) => candidate <= rows.length - start) ?? 1;
    await transaction
      .insertInto('audit_events')
      .values(rows.slice(start, start + size))
      .execute();
    start += size;
  }
}

async function addUsage(transaction: Transaction<Schema>, row: UsageRow): Promise<void> {
  await transaction
    .insertInto('usage_hours')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['hour', 'client_id', 'resource']).doUpdateSet({
        issued: sql<number>`usage_hours.issued + excluded.issued`,
        refused: sql<number>`usage_hours.refused + excluded.refused`,
      }),
    )
    .execute();
}
