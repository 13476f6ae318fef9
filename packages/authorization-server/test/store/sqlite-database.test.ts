import { fork, type ChildProcess } from 'node:child_process';
import { chmod, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { claimsFor, registerWithKey, requestWithAssertion, signAssertion } from '../assertion.ts';
import {
  basic,
  GRANT,
  registerWithSecret,
  requestToken,
  SECRET_KEY,
  startServer,
  type RunningServer,
} from '../running-server.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';

describe('a database file', () => {
  let folder: string;
  let database: string;
  let running: RunningServer | undefined;
  let child: ChildProcess | undefined;

  beforeEach(() => {
    folder = createTemporaryFolder();
    database = join(folder, 'auth.db');
  });
  afterEach(async () => {
    await running?.stop();
    running = undefined;
    await killChild();
  });

  async function startChild() {
    const started = fork(new URL('./doomed-server.ts', import.meta.url), [database, SECRET_KEY], {
      silent: true,
    });
    child = started;
    let complaint = '';
    started.stderr?.on('data', (text) => (complaint += String(text)));
    return await new Promise<{ issuer: string; secret: string; assertion: string }>((resolve, reject) => {
      started.once('message', (message) => resolve(message as never));
      started.once('close', () => {
        child = undefined;
        reject(new Error(complaint));
      });
    });
  }

  async function killChild() {
    const doomed = child;
    child = undefined;
    if (doomed === undefined) return;
    const exited = new Promise((resolve) => doomed.once('exit', resolve));
    doomed.kill('SIGKILL');
    await exited;
  }

  const keysOf = async ({ issuer }: RunningServer) => await (await fetch(`${issuer}/jwks`)).text();

  it('keeps clients, secrets, keys and the signing key over a restart', async () => {
    running = await startServer({ database });
    const { issuer } = running;
    const secret = await registerWithSecret(running, 'nightly');
    const signer = await registerWithKey(running, 'signer');
    const used = await signAssertion(signer.privateKey, claimsFor(signer, running));
    expect((await requestWithAssertion(running, used)).status).toBe(200);
    const [keys, clients] = [await keysOf(running), await running.server.clients.list()];
    await running.stop();

    running = await startServer({ database, issuer });
    const restarted = { ...running, issuer: running.origin };
    expect(await keysOf(restarted)).toBe(keys);
    expect(await running.server.clients.list()).toEqual(clients);
    expect(running.events).toEqual([]);
    const credentials = { ...GRANT, client_id: 'nightly', client_secret: secret };
    expect((await requestToken(restarted, credentials)).status).toBe(200);
    const fresh = await signAssertion(signer.privateKey, claimsFor(signer, { issuer }));
    expect((await requestWithAssertion(restarted, fresh)).status).toBe(200);
    expect((await requestWithAssertion(restarted, used)).status).toBe(401);
  });

  it('keeps every acknowledged client and used assertion of a process that was killed', async () => {
    const { issuer, secret, assertion } = await startChild();
    const credentials = { ...GRANT, client_id: 'doomed', client_secret: secret };
    expect((await requestToken({ issuer }, credentials)).status).toBe(200);
    expect((await requestWithAssertion({ issuer }, assertion)).status).toBe(200);
    const keys = await (await fetch(`${issuer}/jwks`)).text();
    await killChild();

    running = await startServer({ database, issuer });
    const restarted = { ...running, issuer: running.origin };
    expect(await keysOf(restarted)).toBe(keys);
    expect((await requestToken(restarted, credentials)).status).toBe(200);
    expect((await requestWithAssertion(restarted, assertion)).status).toBe(401);
  });

  it('serves one process: a second stops and is told about PostgreSQL', async () => {
    await startChild();
    const second = startServer({ database });
    await expect(second).rejects.toMatchObject({ code: 'database_in_use' });
    await expect(second).rejects.toThrow('PostgreSQL');
    await killChild();
    running = await startServer({ database });
  });

  it('serves one server of the same process, and another once that is closed', async () => {
    running = await startServer({ database });
    await expect(startServer({ database })).rejects.toMatchObject({ code: 'database_in_use' });
    await running.stop();
    running = await startServer({ database });
  });

  it('stays that of its server when another of the same process was refused', async () => {
    running = await startServer({ database });
    await expect(startServer({ database })).rejects.toMatchObject({ code: 'database_in_use' });
    await expect(startChild()).rejects.toThrow('database_in_use');
  });

  it('serves one server by whatever name it is opened', async () => {
    running = await startServer({ database });
    const link = join(folder, 'link.db');
    await symlink(database, link);
    await expect(startServer({ database: link })).rejects.toMatchObject({ code: 'database_in_use' });
    expect(await readdir(folder)).not.toContain('link.db-lock');
  });

  it('opens only with the secretKey it was created with', async () => {
    await (await startServer({ database })).stop();
    const opening = startServer({ database, secretKey: SECRET_KEY.toUpperCase() });
    await expect(opening).rejects.toMatchObject({ code: 'database_key_mismatch' });
    running = await startServer({ database });
  });

  it('of a newer version is refused and left as it is', async () => {
    await (await startServer({ database })).stop();
    const sqlite = new DatabaseSync(database);
    sqlite.exec('update schema_version set version = 99');
    sqlite.close();
    await expect(startServer({ database })).rejects.toMatchObject({ code: 'database_newer' });
    const again = new DatabaseSync(database);
    expect(again.prepare('select version from schema_version').get()).toEqual({ version: 99 });
    again.close();
  });

  it('that is no database, or cannot be created, is refused by name', async () => {
    await writeFile(database, 'no database at all, but long enough to be looked at as one'.repeat(100));
    await expect(startServer({ database })).rejects.toMatchObject({ code: 'database_unusable' });
    await expect(startServer({ database: join(folder, 'missing', 'auth.db') })).rejects.toThrow('missing');
  });

  it('is readable by its owner alone, and holds no secret and no private key in clear', async () => {
    running = await startServer({ database });
    const secret = await registerWithSecret(running, 'nightly');
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      const bytes = await readFile(path, 'latin1');
      expect(bytes).not.toContain(secret);
      expect(bytes).not.toMatch(/"d":/);
    }
  });

  it('that others could read is made readable by its owner alone, with its journals and its lock', async () => {
    const { secret } = await startChild();
    await killChild();
    const names = await readdir(folder);
    expect(names.toSorted()).toEqual(['auth.db', 'auth.db-lock', 'auth.db-shm', 'auth.db-wal']);
    for (const name of names) await chmod(join(folder, name), 0o644);
    running = await startServer({ database });
    for (const name of names) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    const answer = await requestToken(running, GRANT, basic('doomed', secret));
    expect(answer.status).toBe(200);
  });

  it('forgets assertions only after they would be refused for their age', async () => {
    let now = Date.now();
    running = await startServer({ database, now: () => now });
    const signer = await registerWithKey(running, 'signer');
    const assert = async () =>
      await signAssertion(signer.privateKey, claimsFor(signer, running as RunningServer));
    const first = await assert();
    for (const assertion of [first, ...(await Promise.all(Array.from({ length: 80 }, assert)))]) {
      expect((await requestWithAssertion(running, assertion)).status).toBe(200);
    }
    const count = () => {
      const sqlite = new DatabaseSync(database, { readOnly: true });
      const row = sqlite.prepare("select count(*) as n from replay where id != '(forgotten)'").get() as {
        n: number;
      };
      sqlite.close();
      return row.n;
    };
    expect(count()).toBe(81);
    expect((await requestWithAssertion(running, first)).status).toBe(401);
    now += 50_000;
    expect((await requestWithAssertion(running, first)).status).toBe(401);
    await running.stop();

    now += 3_600_000;
    running = await startServer({ database, now: () => now });
    const { issuer } = running;
    const later = await signAssertion(
      signer.privateKey,
      claimsFor(signer, { issuer }, { iat: Math.floor(now / 1000), exp: Math.floor(now / 1000) + 60 }),
    );
    expect((await requestWithAssertion(running, later)).status).toBe(200);
    expect(count()).toBe(1);
    expect((await requestWithAssertion(running, first)).status).toBe(401);
  });

  it('that fails is answered 503, to be tried again, and reported', async () => {
    running = await startServer({ database });
    const secret = await registerWithSecret(running, 'nightly');
    const sqlite = new DatabaseSync(database);
    sqlite.exec('alter table clients rename to gone');
    const credentials = { ...GRANT, client_id: 'nightly', client_secret: secret };
    const answer = await requestToken(running, credentials);
    expect([answer.status, answer.body['error']]).toEqual([503, 'temporarily_unavailable']);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(running.events.map(({ type }) => type)).toContain('server_failed');
    sqlite.exec('alter table gone rename to clients');
    sqlite.close();
    expect((await requestToken(running, credentials)).status).toBe(200);
  });
});
