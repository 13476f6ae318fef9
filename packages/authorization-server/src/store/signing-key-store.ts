import type { Kysely, Transaction } from 'kysely';

import type { KeyRecord } from '../keys/key-schedule.ts';
import type { PublicJwk } from '../keys/public-jwk.ts';
import type { SigningAlgorithm } from '../keys/signing-algorithm.ts';
import type { Database } from './database.ts';
import type { Schema } from './schema.ts';

/** Changes to signing keys within one transaction. Each tells whether it found what it was to change. */
export interface SigningKeyChanges {
  /** Takes nobody's place: fails when there is a key of the id, or of that state but `previous`. */
  add(key: KeyRecord): Promise<boolean>;
  /** Changes a key, as long as it is in the state it was seen in. */
  move(
    seen: Pick<KeyRecord, 'keyId' | 'state'>,
    to: Partial<Pick<KeyRecord, 'state' | 'activeFrom' | 'retiresAt'>>,
  ): Promise<boolean>;
  remove(seen: Pick<KeyRecord, 'keyId' | 'state'>): Promise<boolean>;
  readonly transaction: Transaction<Schema>;
}

/** Where signing keys are kept. */
export interface SigningKeyStore {
  list(): Promise<readonly KeyRecord[]>;
  /** Keeps all changes, or none when the work returns false: somebody else was first. */
  change(work: (changes: SigningKeyChanges) => Promise<boolean>): Promise<boolean>;
}

/** Thrown to take back a transaction, and caught where it was begun. */
const OVERTAKEN = new Error('the signing keys were changed by another instance');

/** Keeps signing keys in the database; private parts arrive encrypted. */
export function createSigningKeyStore({ db, transact }: Database): SigningKeyStore {
  return {
    list: async () => await listKeys(db),
    async change(work) {
      try {
        await transact(async (transaction) => {
          if (!(await work(createChanges(transaction)))) throw OVERTAKEN;
        });
        return true;
      } catch (error) {
        if (error === OVERTAKEN) return false;
        throw error;
      }
    },
  };
}

async function listKeys(db: Kysely<Schema>): Promise<readonly KeyRecord[]> {
  const rows = await db.selectFrom('signing_keys').selectAll().orderBy('created_at').orderBy('id').execute();
  return rows.map((row) => ({
    keyId: row.id,
    algorithm: row.algorithm as SigningAlgorithm,
    publicJwk: JSON.parse(row.public_jwk) as PublicJwk,
    sealedPrivateJwk: row.sealed_private_jwk ?? undefined,
    state: row.state,
    createdAt: row.created_at,
    activeFrom: row.active_from,
    retiresAt: row.retires_at ?? undefined,
  }));
}

function createChanges(transaction: Transaction<Schema>): SigningKeyChanges {
  return {
    transaction,
    async add(key) {
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto('signing_keys')
        .values({
          id: key.keyId,
          algorithm: key.algorithm,
          public_jwk: JSON.stringify(key.publicJwk),
          sealed_private_jwk: key.sealedPrivateJwk ?? null,
          state: key.state,
          created_at: key.createdAt,
          active_from: key.activeFrom,
          retires_at: key.retiresAt ?? null,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 1n;
    },
    async move({ keyId, state }, to) {
      const { numUpdatedRows } = await transaction
        .updateTable('signing_keys')
        .set({
          ...(to.state === undefined ? {} : { state: to.state }),
          ...(to.activeFrom === undefined ? {} : { active_from: to.activeFrom }),
          retires_at: to.retiresAt ?? null,
        })
        .where('id', '=', keyId)
        .where('state', '=', state)
        .executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },
    async remove({ keyId, state }) {
      const { numDeletedRows } = await transaction
        .deleteFrom('signing_keys')
        .where('id', '=', keyId)
        .where('state', '=', state)
        .executeTakeFirstOrThrow();
      return numDeletedRows === 1n;
    },
  };
}
