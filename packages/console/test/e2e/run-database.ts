import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Client } from 'pg';
import { inject } from 'vitest';

import { startConsole, type ConsoleScene, type ConsoleSceneOptions } from '../console-scene.ts';

/** Starts the console on the database of the run: a SQLite file, or a schema of its own in PostgreSQL. */
export async function startOnRunDatabase(options: ConsoleSceneOptions = {}): Promise<ConsoleScene> {
  return await startConsole({ ...options, database: await createDatabase() });
}

/** Whether the run is on PostgreSQL. */
export function isOnPostgresql(): boolean {
  return inject('postgresqlUrl') !== undefined;
}

async function createDatabase(): Promise<string> {
  const location = inject('postgresqlUrl');
  if (location === undefined)
    return path.join(mkdtempSync(path.join(tmpdir(), 'mcp-m2m-console-')), 'auth.sqlite');
  const schema = `console_${randomBytes(6).toString('hex')}`;
  const client = new Client({ connectionString: location });
  await client.connect();
  await client.query(`create schema ${schema}`);
  await client.end();
  const url = new URL(location);
  url.searchParams.set('options', `-c search_path=${schema}`);
  return url.href;
}
