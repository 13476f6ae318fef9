import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { insertClient, searchTextOf } from '../../src/store/client-store.ts';
import type { Database } from '../../src/store/database.ts';
import { createLastUses } from '../../src/store/last-uses.ts';
import { openTestDatabase } from '../databases.ts';

describe('last uses', () => {
  let database: Database;
  let now: number;
  beforeEach(async () => {
    now = 1000;
    database = await openTestDatabase();
    for (const id of ['one', 'two']) await insert(id);
  });
  afterEach(async () => await database.close());

  const insert = async (id: string) =>
    await database.transact(async (transaction) => {
      const row = {
        id,
        method: 'secret',
        state: 'enabled',
        revision: id,
        grant_types: 'client_credentials',
        search_text: searchTextOf({ id }),
        created_at: 1,
        updated_at: 1,
      } as const;
      await insertClient(transaction, { row, secrets: [], keys: [], access: [] });
    });
  const remove = async (id: string) =>
    await database.transact(
      async (transaction) => await transaction.deleteFrom('clients').where('id', '=', id).execute(),
    );
  const rows = async () =>
    await database.db
      .selectFrom('last_uses')
      .selectAll()
      .orderBy('client_id')
      .orderBy('credential_id')
      .execute();

  it('are known at once, and written at the end', async () => {
    const uses = createLastUses(database, () => now);
    uses.record('one', 'secret-1');
    now = 2000;
    uses.record('one', 'secret-2');
    const known = (await uses.read(database.db, ['one', 'two'])).get('one');
    expect([known?.client, known?.of('secret-1'), known?.of('secret-2'), known?.of('x')]).toEqual([
      2000,
      1000,
      2000,
      undefined,
    ]);
    await uses.close();
    expect(await rows()).toEqual([
      { client_id: 'one', credential_id: '', used_at: 2000 },
      { client_id: 'one', credential_id: 'secret-1', used_at: 1000 },
      { client_id: 'one', credential_id: 'secret-2', used_at: 2000 },
    ]);
  });

  it('of several instances: the latest stays', async () => {
    const [first, second] = [createLastUses(database, () => 5000), createLastUses(database, () => 3000)];
    first.record('one', 's');
    second.record('one', 's');
    await first.close();
    await second.close();
    expect((await rows()).map(({ used_at }) => used_at)).toEqual([5000, 5000]);
    const third = createLastUses(database, () => 9000);
    expect((await third.read(database.db, ['one'])).get('one')?.client).toBe(5000);
    await third.close();
  });

  it('of a client that was deleted are forgotten, those beside it are not', async () => {
    const uses = createLastUses(database, () => now);
    uses.record('one', 's');
    uses.record('two', 's');
    await remove('one');
    await uses.close();
    expect((await rows()).map(({ client_id }) => client_id)).toEqual(['two', 'two']);
    await remove('two');
    expect(await rows()).toEqual([]);
  });

  it('of more clients than one statement holds are all written', async () => {
    const uses = createLastUses(database, () => now);
    for (let i = 0; i < 250; i++) uses.record('one', `credential-${i}`);
    await uses.close();
    expect(await rows()).toHaveLength(251);
  });
});
