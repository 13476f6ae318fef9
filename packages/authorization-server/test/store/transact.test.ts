import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Database } from '../../src/store/database.ts';
import { isStoreFailure } from '../../src/store/store-failure.ts';
import { openTestDatabase } from '../databases.ts';

const value = (name: string, sealed_value: string) => ({ name, sealed_value, created_at: 1 });

describe('a transaction that changes things', () => {
  let database: Database;
  beforeEach(async () => void (database = await openTestDatabase()));
  afterEach(async () => await database.close());

  const read = async (name: string) =>
    await database.db.selectFrom('shared_values').selectAll().where('name', '=', name).executeTakeFirst();

  it('sees what the one before it did, however many begin at once', async () => {
    await database.db.insertInto('shared_values').values(value('count', '0')).execute();
    const increment = async () =>
      await database.transact(async (transaction) => {
        const row = await transaction
          .selectFrom('shared_values')
          .select('sealed_value')
          .where('name', '=', 'count')
          .executeTakeFirstOrThrow();
        const sealed_value = String(Number(row.sealed_value) + 1);
        await transaction
          .updateTable('shared_values')
          .set({ sealed_value })
          .where('name', '=', 'count')
          .execute();
      });
    await Promise.all(Array.from({ length: 30 }, increment));
    expect(await read('count')).toMatchObject({ sealed_value: '30' });
  });

  it('leaves nothing behind when it fails, and fails no other', async () => {
    const failing = database.transact(async (transaction) => {
      await transaction.insertInto('shared_values').values(value('half', 'x')).execute();
      throw new RangeError('enough');
    });
    const following = database.transact(async () => 'done');
    await expect(failing).rejects.toThrow(RangeError);
    expect(await following).toBe('done');
    expect(await read('half')).toBeUndefined();
  });

  it('gives times as numbers', async () => {
    const created_at = 1_763_664_712_345;
    await database.transact(
      async (transaction) =>
        await transaction
          .insertInto('shared_values')
          .values({ ...value('time', 'x'), created_at })
          .execute(),
    );
    expect(await read('time')).toEqual({ name: 'time', sealed_value: 'x', created_at });
  });

  it('is a failure of the store when a table is missing, and not when a value is refused', async () => {
    const insert = async () =>
      await database.db.insertInto('shared_values').values(value('once', 'x')).execute();
    await insert();
    const duplicate = await insert().catch((error: unknown) => error);
    expect(duplicate).toBeInstanceOf(Error);
    expect(isStoreFailure(duplicate)).toBe(false);

    await database.db.schema.dropTable('shared_values').execute();
    const missing = await insert().catch((error: unknown) => error);
    expect(missing).toBeInstanceOf(Error);
    expect(isStoreFailure(missing)).toBe(true);
    expect(isStoreFailure(new Error('of another kind'))).toBe(false);
    expect(isStoreFailure('no error')).toBe(false);
  });
});
