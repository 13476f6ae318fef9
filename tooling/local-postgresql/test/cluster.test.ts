import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Client } from 'pg';
import { afterEach, expect, it } from 'vitest';

import { startCluster, type Cluster } from '../src/index.ts';

let cluster: Cluster | undefined;
afterEach(async () => await cluster?.close());

const folders = () =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`local-postgresql-${process.pid}-`));

it('serves on a loopback port under its password alone, over stops and crashes, and leaves nothing behind', async () => {
  cluster = await startCluster();
  const url = await cluster.createDatabase('kept');
  await query(url, 'create table notes (text text)');

  await query(url, "insert into notes values ('before the stop')");
  await cluster.stop();
  await expect(query(url, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await cluster.start();
  await query(url, "insert into notes values ('before the crash')");
  await cluster.kill();
  await cluster.start();
  expect(await query(url, 'select text from notes')).toEqual([
    { text: 'before the stop' },
    { text: 'before the crash' },
  ]);

  const stranger = new URL(url);
  stranger.password = 'guessed';
  await expect(query(stranger.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });

  expect(folders()).toHaveLength(1);
  await cluster.close();
  expect(folders()).toEqual([]);
  expect(existsSync(path.join(cluster.programs, 'pg_dump'))).toBe(true);
});

async function query(connectionString: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString });
  try {
    await client.connect();
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
