import { randomBytes } from 'node:crypto';

import { Client } from 'pg';

import { openDatabase, type Database } from '../src/store/database.ts';

/** An empty database of its own for one server of a test. */
export interface TestDatabase {
  /** What the option `database` takes. */
  readonly location: string;
  /** Removes what is in it, once nobody uses it. */
  readonly remove: () => Promise<void>;
}

/** The PostgreSQL that this run of the tests started, when it is one for PostgreSQL: `npm run test:services`. */
export const POSTGRESQL_URL = process.env['TEST_POSTGRESQL_URL'];

/** Whether tests run on PostgreSQL; on SQLite otherwise. */
export const ON_POSTGRESQL = POSTGRESQL_URL !== undefined;

let connected: Promise<Client> | undefined;

/** Creates a database: in memory, or a schema of the run's PostgreSQL. */
export async function createTestDatabase(): Promise<TestDatabase> {
  if (POSTGRESQL_URL === undefined) return { location: ':memory:', remove: async () => undefined };
  const schema = `test_${randomBytes(8).toString('hex')}`;
  await runStatement(`create schema ${schema}`);
  const url = new URL(POSTGRESQL_URL);
  url.searchParams.set('options', `-c search_path=${schema}`);
  return {
    location: url.href,
    remove: async () => await runStatement(`drop schema ${schema} cascade`),
  };
}

/** Opens such a database below the server, for tests of the store; closing it removes it. */
export async function openTestDatabase(): Promise<Database> {
  const { location, remove } = await createTestDatabase();
  const database = await openDatabase(location);
  return {
    ...database,
    async close() {
      await database.close();
      await remove();
    },
  };
}

async function runStatement(statement: string): Promise<void> {
  connected ??= connect();
  await (await connected).query(statement);
}

async function connect(): Promise<Client> {
  const client = new Client({ connectionString: POSTGRESQL_URL });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
