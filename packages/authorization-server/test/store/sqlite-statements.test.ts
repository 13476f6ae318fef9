import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openDatabase, type Database } from '../../src/store/database.ts';
import { createReplayGuard } from '../../src/store/replay-guard.ts';

const EXPIRES = 4_000_000_000;

describe('a prepared statement on SQLite', () => {
  let database: Database;
  beforeEach(async () => void (database = await openDatabase(':memory:')));
  afterEach(async () => await database.close());

  const storedIds = async () => {
    const rows = await database.db.selectFrom('replay').select('id').orderBy('id').execute();
    return rows.map(({ id }) => id);
  };

  it('tells each of many writes of one turn its own outcome', async () => {
    const guard = createReplayGuard(database, Date.now);
    const ids = Array.from({ length: 60 }, (_, index) => `assertion ${index % 20}`);
    const outcomes = await Promise.all(ids.map((id) => guard.use(id, EXPIRES)));
    expect(outcomes).toEqual(ids.map((_, index) => index < 20));
  });

  it('lets a write that fails fail no other of its turn', async () => {
    const insert = database.prepare(
      database.db.insertInto('replay').values({ id: '', expires_at_seconds: 0 }).compile(),
    );
    const outcomes = await Promise.allSettled([
      insert(['first', EXPIRES]),
      insert(['refused', null]),
      insert(['last', EXPIRES]),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await storedIds()).toEqual(['first', 'last']);
  });

  it.each([1, 3])(
    'A15: keeps %i uses that came while another transaction was open and failed',
    async (count) => {
      const guard = createReplayGuard(database, Date.now);
      const ids = Array.from({ length: count }, (_, index) => `assertion ${index}`);
      let used: Promise<boolean[]> | undefined;
      const failing = database.transact(async (transaction) => {
        await transaction
          .insertInto('shared_values')
          .values({ name: 'half', sealed_value: 'x', created_at: 1 })
          .execute();
        used = Promise.all(ids.map((id) => guard.use(id, EXPIRES)));
        await new Promise((resolve) => setTimeout(resolve, 20));
        throw new RangeError('enough');
      });
      await expect(failing).rejects.toThrow(RangeError);
      expect(await used).toEqual(ids.map(() => true));
      expect(await Promise.all(ids.map((id) => guard.use(id, EXPIRES)))).toEqual(ids.map(() => false));
    },
  );

  it('does not read what a transaction has not committed', async () => {
    const read = database.prepare(
      database.db.selectFrom('shared_values').select('name').where('name', '=', '').compile(),
    );
    let seen: ReturnType<typeof read> | undefined;
    const failing = database.transact(async (transaction) => {
      await transaction
        .insertInto('shared_values')
        .values({ name: 'half', sealed_value: 'x', created_at: 1 })
        .execute();
      seen = read(['half']);
      throw new RangeError('enough');
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect((await seen)?.rows).toEqual([]);
  });
});
