import { describe, expect, it } from 'vitest';

import { openDatabase } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { createTestDatabase, openTestDatabase } from '../databases.ts';

describe('migrations', () => {
  it('run once, and change nothing on the next start', async () => {
    const database = await openTestDatabase();
    await database.db
      .insertInto('shared_values')
      .values({ name: 'kept', sealed_value: 'x', created_at: 1 })
      .execute();
    await migrate(database.db, database.dialect);
    expect(await database.db.selectFrom('shared_values').select('name').execute()).toEqual([
      { name: 'kept' },
    ]);
    expect(await database.db.selectFrom('schema_version').select('id').execute()).toEqual([{ id: 1 }]);
    await database.close();
  });

  it('refuse the tables of a newer version, and leave them as they are', async () => {
    const database = await openTestDatabase();
    await database.db.updateTable('schema_version').set({ version: 99 }).execute();
    await expect(migrate(database.db, database.dialect)).rejects.toMatchObject({ code: 'database_newer' });
    expect(await database.db.selectFrom('schema_version').select('version').execute()).toEqual([
      { version: 99 },
    ]);
    await database.close();
  });

  it('are all undone when one fails', async () => {
    const database = await openTestDatabase();
    await database.db.updateTable('schema_version').set({ version: 0 }).execute();
    await database.db.schema.dropTable('resources').execute();
    await database.db.schema.dropTable('client_access').execute();
    await database.db.schema.dropTable('trust_rules').execute();
    await database.db.schema.dropTable('client_keys').execute();
    await database.db.schema.dropTable('client_secrets').execute();
    await database.db.schema.dropTable('last_uses').execute();
    await database.db.schema.dropTable('clients').execute();
    // The first one can run again; the second finds its tables there.
    await expect(migrate(database.db, database.dialect)).rejects.toThrow('exists');
    expect(await database.db.selectFrom('schema_version').select('version').execute()).toEqual([
      { version: 0 },
    ]);
    await expect(database.db.selectFrom('clients').selectAll().execute()).rejects.toThrow('clients');
    await database.close();
  });

  it('of two servers that start at once both succeed', async () => {
    const { location, remove } = await createTestDatabase();
    const opened = await Promise.all([openDatabase(location), openDatabase(location)]);
    for (const { db } of opened) expect(await db.selectFrom('clients').selectAll().execute()).toEqual([]);
    await Promise.all(opened.map(async (database) => await database.close()));
    await remove();
  });
});
