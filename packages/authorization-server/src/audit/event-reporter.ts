import { createNotifier } from '@mcp-m2m/core';
import type { Transaction } from 'kysely';

import {
  isAdministrative,
  type AdministrativeEvent,
  type AuthorizationServerEvent,
  type AuthorizationServerEventListener,
  type ReportEvent,
} from '../events.ts';
import { redact } from '../redaction.ts';
import type { Database } from '../store/database.ts';
import type { Schema } from '../store/schema.ts';
import { createAuditLog, type AuditLog } from './audit-log.ts';
import { toAuditRow } from './audit-row.ts';
import type { AuditRules } from './audit-rules.ts';
import { createEventWriter } from './event-writer.ts';
import { startRetention } from './retention.ts';
import { createUsage, type Usage } from './usage.ts';

/** Where every event goes, and what is kept of it. */
export interface EventReporter {
  readonly report: ReportEvent;
  /** The database whose transactions take administrative acts with them. */
  readonly database: Database;
  readonly audit: AuditLog;
  readonly usage: Usage;
  /** Writes what is waiting. The database has to be open still. */
  readonly close: () => Promise<void>;
}

/** Dependencies of {@link createEventReporter}. */
export interface EventReporterDependencies {
  readonly database: Database;
  readonly rules: AuditRules;
  /** Each is told every event; what one throws or rejects with changes nothing, and none is waited for. */
  readonly listeners: readonly (AuthorizationServerEventListener | undefined)[];
  /** The clock, in milliseconds. */
  readonly now: () => number;
}

/** Makes the one way by which events reach the listeners, the audit trail and the usage. */
export function createEventReporter(dependencies: EventReporterDependencies): EventReporter {
  const { rules, listeners, now } = dependencies;
  const notifiers = listeners.map((listener) => createNotifier(listener));
  const notify = (event: AuthorizationServerEvent) => {
    for (const deliver of notifiers) deliver(event);
  };
  const { database, belongTo } = announceAfterCommit(dependencies.database, notify);
  const writer = createEventWriter({
    database,
    rules,
    onFailure: (error) => {
      const { name, message } = error instanceof Error ? error : new Error('unknown failure');
      report({ type: 'server_failed', name, message: redact(message) });
    },
    onDropped: (count) => report({ type: 'audit_events_dropped', count }),
  });

  async function record(event: AdministrativeEvent, transaction: Transaction<Schema>): Promise<void> {
    await transaction.insertInto('audit_events').values(toAuditRow(event)).execute();
    belongTo(transaction, event);
  }

  const report = ((eventWithoutTime: object, transaction?: Transaction<Schema>) => {
    const event = { ...eventWithoutTime, at: now() } as AuthorizationServerEvent;
    if (!isAdministrative(event)) {
      notify(event);
      writer.add(event);
      return undefined;
    }
    return transaction === undefined
      ? database.transact(async (own) => await record(event, own))
      : record(event, transaction);
  }) as ReportEvent;

  const retention =
    rules.retentionDays === undefined
      ? undefined
      : startRetention(database, rules.retentionDays, now, (error) => {
          const { name, message } = error instanceof Error ? error : new Error('unknown failure');
          report({ type: 'server_failed', name, message: redact(message) });
        });
  return {
    report,
    database,
    audit: createAuditLog(database, writer.flush),
    usage: createUsage(database, writer.flush),
    async close() {
      retention?.stop();
      await writer.close();
    },
  };
}

/** Holds back what is to be told of a transaction until it is committed. */
function announceAfterCommit(opened: Database, notify: (event: AdministrativeEvent) => void) {
  const events = new WeakMap<Transaction<Schema>, AdministrativeEvent[]>();
  const announced: Database = {
    ...opened,
    async transact(work) {
      let own: AdministrativeEvent[] = [];
      const result = await opened.transact(async (transaction) => {
        // Anew, in case the transaction is repeated.
        own = [];
        events.set(transaction, own);
        return await work(transaction);
      });
      for (const event of own) notify(event);
      return result;
    },
  };
  return {
    database: announced,
    belongTo: (transaction: Transaction<Schema>, event: AdministrativeEvent): void => {
      const own = events.get(transaction);
      if (own === undefined) throw new Error('the transaction is not one of Database.transact');
      own.push(event);
    },
  };
}
