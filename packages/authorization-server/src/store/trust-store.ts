import type { Kysely, Transaction } from 'kysely';

import type { TrustCondition } from '../trust/trust-condition.ts';
import type { TrustRule } from '../trust/trust-rule.ts';
import type { PublicKeySet, TrustedIssuer } from '../trust/trusted-issuer.ts';
import type { Schema } from './schema.ts';

type Db = Kysely<Schema> | Transaction<Schema>;

/** Which rules are asked for; all of them when nothing is given. */
export interface TrustRuleFilter {
  readonly issuerId?: string | undefined;
  readonly clientId?: string | undefined;
}

/** Trusted issuers in the order of their creation. */
export async function readIssuers(
  db: Db,
  by: { id?: string; issuer?: string } = {},
): Promise<TrustedIssuer[]> {
  let query = db.selectFrom('trusted_issuers').selectAll().orderBy('created_at').orderBy('id');
  if (by.id !== undefined) query = query.where('id', '=', by.id);
  if (by.issuer !== undefined) query = query.where('issuer', '=', by.issuer);
  return (await query.execute()).map((row) => ({
    id: row.id,
    issuer: row.issuer,
    kind: row.kind,
    label: row.label ?? undefined,
    jwksUri: row.jwks_uri ?? undefined,
    jwks: row.jwks === null ? undefined : (JSON.parse(row.jwks) as PublicKeySet),
    singleUse: row.use === 'single',
    revision: row.revision,
    createdAt: new Date(row.created_at).toISOString(),
    updatedAt: new Date(row.updated_at).toISOString(),
  }));
}

/** Rules in the order of their creation. */
export async function readRules(db: Db, by: TrustRuleFilter & { id?: string } = {}): Promise<TrustRule[]> {
  let query = db.selectFrom('trust_rules').selectAll().orderBy('created_at').orderBy('id');
  if (by.id !== undefined) query = query.where('id', '=', by.id);
  if (by.issuerId !== undefined) query = query.where('issuer_id', '=', by.issuerId);
  if (by.clientId !== undefined) query = query.where('client_id', '=', by.clientId);
  return (await query.execute()).map((row) => ({
    id: row.id,
    issuerId: row.issuer_id,
    clientId: row.client_id,
    label: row.label ?? undefined,
    audience: row.audience ?? undefined,
    conditions: JSON.parse(row.conditions) as TrustCondition[],
    revision: row.revision,
    createdAt: new Date(row.created_at).toISOString(),
    updatedAt: new Date(row.updated_at).toISOString(),
  }));
}

/**
 * Stores a new issuer.
 *
 * @returns whether there was none of that identifier
 */
export async function insertIssuer(db: Db, issuer: TrustedIssuer): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('trusted_issuers')
    .values({
      id: issuer.id,
      issuer: issuer.issuer,
      kind: issuer.kind,
      created_at: Date.parse(issuer.createdAt),
      ...issuerColumns(issuer),
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

export async function updateIssuer(db: Db, issuer: TrustedIssuer): Promise<void> {
  await db.updateTable('trusted_issuers').set(issuerColumns(issuer)).where('id', '=', issuer.id).execute();
}

export async function insertRule(db: Db, rule: TrustRule): Promise<void> {
  await db
    .insertInto('trust_rules')
    .values({
      id: rule.id,
      issuer_id: rule.issuerId,
      client_id: rule.clientId,
      created_at: Date.parse(rule.createdAt),
      ...ruleColumns(rule),
    })
    .execute();
}

export async function updateRule(db: Db, rule: TrustRule): Promise<void> {
  await db.updateTable('trust_rules').set(ruleColumns(rule)).where('id', '=', rule.id).execute();
}

function issuerColumns({ label, jwksUri, jwks, singleUse, revision, updatedAt }: TrustedIssuer) {
  return {
    label: label ?? null,
    jwks_uri: jwksUri ?? null,
    jwks: jwks === undefined ? null : JSON.stringify(jwks),
    use: singleUse ? ('single' as const) : ('repeated' as const),
    revision,
    updated_at: Date.parse(updatedAt),
  };
}

function ruleColumns({ label, audience, conditions, revision, updatedAt }: TrustRule) {
  return {
    label: label ?? null,
    audience: audience ?? null,
    conditions: JSON.stringify(conditions),
    revision,
    updated_at: Date.parse(updatedAt),
  };
}
