import { randomUUID } from 'node:crypto';

import { assertKnownOptions } from '@mcp-m2m/core';
import type { Transaction } from 'kysely';

import { actedBy, OWNER, type Administrator } from '../administrator.ts';
import { AuthorizationServerError } from '../authorization-server-error.ts';
import type { ReportEvent } from '../events.ts';
import type { Database } from '../store/database.ts';
import type { Schema } from '../store/schema.ts';
import {
  insertIssuer,
  insertRule,
  readIssuers,
  readRules,
  updateIssuer,
  updateRule,
} from '../store/trust-store.ts';
import { assertPinned } from './pinned-identity.ts';
import type { TrustedIssuers, TrustRules } from './trust.ts';
import { changeTrustRule, parseTrustRule } from './trust-rule.ts';
import { changeTrustedIssuer, parseTrustedIssuer, type TrustedIssuer } from './trusted-issuer.ts';

/** Dependencies of the administrative side of trust. */
export interface TrustAdministrationDependencies {
  readonly database: Database;
  readonly report: ReportEvent;
  /** The clock, in milliseconds. */
  readonly now: () => number;
}

/** Makes the functions that create, change and delete trusted issuers and their rules. */
export function createTrustAdministration(dependencies: TrustAdministrationDependencies): {
  readonly issuers: TrustedIssuers;
  readonly rules: TrustRules;
} {
  return { issuers: createTrustedIssuers(dependencies), rules: createTrustRules(dependencies) };
}

function createTrustedIssuers({ database, report, now }: TrustAdministrationDependencies): TrustedIssuers {
  const { db, transact } = database;
  const tell = async (
    type: 'trusted_issuer_created' | 'trusted_issuer_deleted' | 'trusted_issuer_updated',
    { id, issuer }: TrustedIssuer,
    by: Administrator,
    transaction: Transaction<Schema>,
  ) => await report({ type, issuerId: id, issuer, ...actedBy(by) }, transaction);
  return {
    async create(options, by = OWNER) {
      const settings = parseTrustedIssuer(options);
      const at = new Date(now()).toISOString();
      const created = { ...settings, ...fresh(), createdAt: at, updatedAt: at };
      return await transact(async (transaction) => {
        if (!(await insertIssuer(transaction, created))) {
          throw new AuthorizationServerError(
            'trusted_issuer_exists',
            `${created.issuer} is trusted already.`,
          );
        }
        await tell('trusted_issuer_created', created, by, transaction);
        return created;
      });
    },
    get: async (id) => (await readIssuers(db, { id }))[0],
    list: async () => await readIssuers(db),
    async update(id, changes, by = OWNER) {
      return await transact(async (transaction) => {
        const current = found((await readIssuers(transaction, { id }))[0], 'trusted issuer', id);
        assertRevision(current, changes.ifRevision);
        const { revision } = fresh();
        const updated = {
          ...current,
          ...changeTrustedIssuer(current, changes),
          revision,
          updatedAt: new Date(now()).toISOString(),
        };
        await updateIssuer(transaction, updated);
        await tell('trusted_issuer_updated', updated, by, transaction);
        return updated;
      });
    },
    async delete(id, options = {}, by = OWNER) {
      assertKnownOptions(options, ['ifRevision'], 'trust.issuers.delete');
      return await transact(async (transaction) => {
        const [current] = await readIssuers(transaction, { id });
        if (current === undefined) return false;
        assertRevision(current, options.ifRevision);
        // SQLite minds the reference only where it is told to.
        await transaction.deleteFrom('trust_rules').where('issuer_id', '=', id).execute();
        await transaction.deleteFrom('trusted_issuers').where('id', '=', id).execute();
        await tell('trusted_issuer_deleted', current, by, transaction);
        return true;
      });
    },
  };
}

function createTrustRules({ database, report, now }: TrustAdministrationDependencies): TrustRules {
  const { db, transact } = database;
  return {
    async create(options, by = OWNER) {
      const settings = parseTrustRule(options);
      const at = new Date(now()).toISOString();
      const created = { ...settings, ...fresh(), createdAt: at, updatedAt: at };
      const { id: ruleId, issuerId, clientId } = created;
      return await transact(async (transaction) => {
        const issuer = found(
          (await readIssuers(transaction, { id: issuerId }))[0],
          'trusted issuer',
          issuerId,
        );
        if (issuer.kind !== 'workload') {
          throw new TypeError(
            'issuerId names an issuer of the kind "id-jag"; rules are for issuers of the kind "workload", an ID-JAG names its client itself.',
          );
        }
        assertPinned(created.conditions, issuer.issuer);
        const client = await transaction
          .selectFrom('clients')
          .select('id')
          .where('id', '=', clientId)
          .executeTakeFirst();
        found(client, 'client', clientId);
        await insertRule(transaction, created);
        await report({ type: 'trust_rule_created', ruleId, clientId, ...actedBy(by) }, transaction);
        return created;
      });
    },
    get: async (id) => (await readRules(db, { id }))[0],
    async list(filter = {}) {
      assertKnownOptions(filter, ['issuerId', 'clientId'], 'trust.rules.list');
      return await readRules(db, filter);
    },
    async update(id, changes, by = OWNER) {
      return await transact(async (transaction) => {
        const current = found((await readRules(transaction, { id }))[0], 'trust rule', id);
        assertRevision(current, changes.ifRevision);
        const { revision } = fresh();
        const updated = {
          ...current,
          ...changeTrustRule(current, changes),
          revision,
          updatedAt: new Date(now()).toISOString(),
        };
        const issuer = found(
          (await readIssuers(transaction, { id: current.issuerId }))[0],
          'trusted issuer',
          current.issuerId,
        );
        assertPinned(updated.conditions, issuer.issuer);
        await updateRule(transaction, updated);
        await report(
          { type: 'trust_rule_updated', ruleId: id, clientId: current.clientId, ...actedBy(by) },
          transaction,
        );
        return updated;
      });
    },
    async delete(id, options = {}, by = OWNER) {
      assertKnownOptions(options, ['ifRevision'], 'trust.rules.delete');
      return await transact(async (transaction) => {
        const [current] = await readRules(transaction, { id });
        if (current === undefined) return false;
        assertRevision(current, options.ifRevision);
        await transaction.deleteFrom('trust_rules').where('id', '=', id).execute();
        await report(
          { type: 'trust_rule_deleted', ruleId: id, clientId: current.clientId, ...actedBy(by) },
          transaction,
        );
        return true;
      });
    },
  };
}

function fresh(): { readonly id: string; readonly revision: string } {
  return { id: randomUUID(), revision: randomUUID() };
}

function found<T>(value: T | undefined, what: string, id: string): T {
  if (value === undefined) throw new AuthorizationServerError('not_found', `There is no ${what} "${id}".`);
  return value;
}

function assertRevision(current: { readonly revision: string }, expected: string | undefined): void {
  if (expected === undefined || expected === current.revision) return;
  throw new AuthorizationServerError(
    'revision_mismatch',
    'It was changed since it was read: read it again, and decide anew.',
  );
}
