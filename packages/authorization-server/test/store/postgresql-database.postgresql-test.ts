import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

import { startCluster, type Cluster } from 'local-postgresql';
import { types } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { createCredentialsLookup } from '../../src/store/client-credentials.ts';
import { openDatabase, type Database } from '../../src/store/database.ts';
import { parseDatabase } from '../../src/store/database-target.ts';
import { createReplayGuard } from '../../src/store/replay-guard.ts';
import { isStoreFailure } from '../../src/store/store-failure.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';

describe('a PostgreSQL database', () => {
  let cluster: Cluster;
  let database: Database;
  let count = 0;
  let url: string;
  beforeAll(async () => void (cluster = await startCluster({ settings: { max_connections: '12' } })));
  afterAll(async () => await cluster.close());
  beforeEach(async () => {
    url = await cluster.createDatabase(`test_${count++}`);
    const settings = { maxConnections: 4, statementTimeoutSeconds: 2, connectTimeoutSeconds: 2 };
    database = await openDatabase(parseDatabase({ url, ...settings }));
  });
  afterEach(async () => await database.close());

  const read = async () => await database.db.selectFrom('clients').select('id').execute();
  const failureOf = async (work: Promise<unknown>) => {
    const error: unknown = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(Error);
    return error as Error & { code?: string };
  };
  const terminateAll = async () =>
    await cluster.run(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mcp-m2m'",
    );

  it.each(['stop', 'kill'] as const)(
    'after a %s fails as a store, and serves again by itself',
    async (end) => {
      await Promise.all([read(), read(), read()]);
      await cluster[end]();
      for (let i = 0; i < 6; i++) expect(isStoreFailure(await failureOf(read()))).toBe(true);
      await cluster.start();
      expect(await read()).toEqual([]);
    },
  );

  it('loses idle connections without noticing', async () => {
    await Promise.all([read(), read(), read()]);
    await terminateAll();
    await sleep(50);
    expect(await read()).toEqual([]);
  });

  it('loses a connection in the middle of a transaction, which fails as a store and leaves nothing', async () => {
    const failing = database.transact(async (transaction) => {
      await transaction
        .insertInto('shared_values')
        .values({ name: 'half', sealed_value: 'x', created_at: 1 })
        .execute();
      await terminateAll();
      await sleep(50);
      await transaction.selectFrom('clients').select('id').execute();
    });
    expect(isStoreFailure(await failureOf(failing))).toBe(true);
    expect(await database.db.selectFrom('shared_values').selectAll().execute()).toEqual([]);
    await database.transact(async () => undefined);
  });

  it('fails as a store where there are too many connections', async () => {
    const others = await Promise.all(
      Array.from({ length: 3 }, async () => await openDatabase(parseDatabase({ url, maxConnections: 4 }))),
    );
    const holding = [database, ...others].flatMap((each) =>
      Array.from({ length: 4 }, async () => await each.db.connection().execute(async () => await sleep(200))),
    );
    const outcomes = await Promise.allSettled(holding);
    const failures = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(failures.length).toBeGreaterThan(0);
    for (const { reason } of failures) {
      expect((reason as { code?: string }).code).toBe('53300');
      expect(isStoreFailure(reason)).toBe(true);
    }
    for (const other of others) await other.close();
    expect(await read()).toEqual([]);
  });

  it('runs the transactions of two instances one after another', async () => {
    const other = await openDatabase(parseDatabase({ url, maxConnections: 4 }));
    const row = { name: 'count', sealed_value: '0', created_at: 1 };
    await database.db.insertInto('shared_values').values(row).execute();
    const increment = async ({ transact }: Database) =>
      await transact(async (transaction) => {
        const { sealed_value } = await transaction
          .selectFrom('shared_values')
          .select('sealed_value')
          .executeTakeFirstOrThrow();
        await transaction
          .updateTable('shared_values')
          .set({ sealed_value: String(Number(sealed_value) + 1) })
          .execute();
      });
    await Promise.all(
      Array.from({ length: 40 }, async (_, i) => await increment(i % 2 === 0 ? database : other)),
    );
    const found = await database.db.selectFrom('shared_values').select('sealed_value').execute();
    expect(found).toEqual([{ sealed_value: '40' }]);
    await other.close();
  });

  it('gives up a statement that waits too long, and the transaction of an instance that hangs', async () => {
    const other = await openDatabase(parseDatabase({ url, maxConnections: 4 }));
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const hanging = other.transact(async () => {
      begin();
      await held;
    });
    await begun;
    const waiting = await failureOf(database.transact(async () => undefined));
    expect(waiting.code).toBe('57014');
    expect(isStoreFailure(waiting)).toBe(true);
    release();
    await hanging;
    await database.transact(async () => undefined);

    const sleeping = database.transact(async (transaction) => {
      await sleep(2500);
      await transaction.selectFrom('clients').select('id').execute();
    });
    expect(isStoreFailure(await failureOf(sleeping))).toBe(true);
    await other.transact(async () => undefined);
    await other.close();
  });

  it('gives up a server that does not answer, and never takes a late answer for another', async () => {
    await read();
    const [row] = await cluster.run(
      `select pid from pg_stat_activity where datname = '${new URL(url).pathname.slice(1)}'`,
    );
    const backend = Number(row?.['pid']);
    process.kill(backend, 'SIGSTOP');
    try {
      expect(isStoreFailure(await failureOf(read()))).toBe(true);
    } finally {
      process.kill(backend, 'SIGCONT');
    }
    await sleep(100);
    const values = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(async (i) => {
        const value = { name: `n${i}`, sealed_value: String(i), created_at: i };
        return await database.db.insertInto('shared_values').values(value).returning('created_at').execute();
      }),
    );
    expect(values).toEqual([1, 2, 3, 4, 5, 6].map((created_at) => [{ created_at }]));
  });

  it('plans the queries of a token request once per connection', async () => {
    const guard = createReplayGuard(database, Date.now);
    const find = createCredentialsLookup(database);
    for (let i = 0; i < 5; i++) {
      await guard.use(`client ${i}`, 2_000_000_000);
      expect(await find('nobody')).toBeUndefined();
    }
    const prepared = await database.db.connection().execute(async (connection) => {
      const query = {
        ...connection.selectNoFrom([]).compile(),
        sql: 'select statement from pg_prepared_statements',
      };
      return (await connection.executeQuery<{ statement: string }>(query)).rows;
    });
    const statements = prepared.map(({ statement }) => statement);
    expect(statements.filter((statement) => statement.includes('replay'))).toHaveLength(1);
    expect(statements.filter((statement) => statement.includes('"clients"'))).toHaveLength(1);
  });

  it('leaves the types of others in the same process alone', () => {
    expect(types.getTypeParser(types.builtins.INT8)('7')).toBe('7');
  });

  it('finds no client for text that PostgreSQL cannot store', async () => {
    expect(await createCredentialsLookup(database)('a\0b')).toBeUndefined();
  });

  it('two instances remove expired assertions at the same time', async () => {
    const other = await openDatabase(parseDatabase({ url, maxConnections: 4 }));
    const rows = Array.from({ length: 2000 }, (_, i) => ({
      id: `old ${i}`,
      expires_at_seconds: 1 + (i % 7),
    }));
    await database.db.insertInto('replay').values(rows).execute();
    const guards = [database, other].map((each) => createReplayGuard(each, Date.now));
    const uses = Array.from(
      { length: 1000 },
      async (_, i) => await guards[i % 2]?.use(`new ${i}`, 2_000_000_000),
    );
    expect((await Promise.all(uses)).every(Boolean)).toBe(true);
    const left = async () =>
      (await database.db.selectFrom('replay').select('id').where('id', 'like', 'old %').execute()).length;
    await expect.poll(left, { timeout: 10_000 }).toBeLessThan(2000);
    await other.close();
  });

  it('S1: names itself without the password where it cannot be opened', async () => {
    const wrong = new URL(url);
    wrong.password = 'hunter2canary';
    const missing = new URL(url);
    missing.pathname = '/missing';
    const nobody = new URL(wrong);
    nobody.port = '1';
    for (const [bad, words] of [
      [wrong, 'password authentication failed'],
      [missing, 'does not exist'],
      [nobody, 'ECONNREFUSED'],
    ] as const) {
      const error = await failureOf(openDatabase(bad.href));
      expect(error).toMatchObject({ code: 'database_unusable' });
      expect(error.message).toContain(words);
      expect(error.message).toContain(`postgresql://127.0.0.1:${bad.port}${bad.pathname}`);
      const shown = inspect(error, { depth: 9, showHidden: true });
      expect(shown).not.toContain('hunter2canary');
      expect(shown).not.toContain(cluster.password);
    }
    expect(inspect(database, { depth: 12, showHidden: true })).not.toContain(cluster.password);
  });

  it('refuses to be backed up to a file, and names the tool that does it', async () => {
    await expect(database.backup(join(createTemporaryFolder(), 'x'))).rejects.toThrow('pg_dump');
  });
});

describe('a PostgreSQL database with TLS', () => {
  it('is reached only by a verified certificate', async () => {
    const folder = createTemporaryFolder();
    const [certificate, key] = [join(folder, 'server.crt'), join(folder, 'server.key')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const made = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
    ];
    execFileSync('openssl', [...made, ...subject, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
    const cluster = await startCluster({
      files: { 'server.crt': readFileSync(certificate), 'server.key': readFileSync(key) },
      settings: { ssl: 'on' },
    });
    try {
      const verified = `${cluster.url()}?sslmode=verify-full&sslrootcert=${encodeURIComponent(certificate)}`;
      const database = await openDatabase(verified);
      const query = {
        ...database.db.selectNoFrom([]).compile(),
        sql: 'select ssl from pg_stat_ssl where pid = pg_backend_pid()',
      };
      expect((await database.db.executeQuery(query)).rows).toEqual([{ ssl: true }]);
      await database.close();
      for (const mode of ['require', 'verify-full']) {
        await expect(openDatabase(`${cluster.url()}?sslmode=${mode}`)).rejects.toThrow(
          'self-signed certificate',
        );
      }
    } finally {
      await cluster.close();
    }
  });

  it('is refused where the server offers none', async () => {
    const url = process.env['TEST_POSTGRESQL_URL'];
    await expect(openDatabase(`${url}?sslmode=verify-full`)).rejects.toThrow('does not support SSL');
  });
});
