import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { afterEach, expect, it } from 'vitest';

import { claimsFor, registerWithKey, requestWithAssertion, signAssertion } from '../assertion.ts';
import {
  basic,
  GRANT,
  lastReason,
  registerWithSecret,
  requestToken,
  startServer,
} from '../running-server.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';

const exec = Object.getOwnPropertyDescriptor(DatabaseSync.prototype, 'exec')?.value as DatabaseSync['exec'];
afterEach(() => void (DatabaseSync.prototype.exec = exec));

/** The connections that this process opens: how many pages a file may have is a setting of the connection. */
function watchConnections(): Set<DatabaseSync> {
  const connections = new Set<DatabaseSync>();
  DatabaseSync.prototype.exec = function (statements) {
    connections.add(this);
    exec.call(this, statements);
  };
  return connections;
}

it('a full disk is answered 503, leaves nothing half-written, and is over when there is room again', async () => {
  const connections = watchConnections();
  const database = join(createTemporaryFolder(), 'auth.db');
  const running = await startServer({ database });
  const serving = [...connections].find((connection) => connection.location() === database);
  if (serving === undefined) throw new Error('the connection was not seen');
  const signer = await registerWithKey(running, 'signer');
  const secret = await registerWithSecret(running, 'nightly');
  const request = async () =>
    await requestWithAssertion(running, await signAssertion(signer.privateKey, claimsFor(signer, running)));
  expect((await request()).status).toBe(200);

  const { page_count: pages } = serving.prepare('pragma page_count').get() as { page_count: number };
  serving.exec(`pragma max_page_count = ${pages}`);
  const statuses = new Set<number>();
  let answer = await request();
  for (let i = 0; i < 500 && answer.status === 200; i++) answer = await request();
  expect([answer.status, answer.body['error']]).toEqual([503, 'temporarily_unavailable']);
  expect(answer.headers.get('retry-after')).toBe('5');
  expect(lastReason(running)).toBe('store_unavailable');
  for (let i = 0; i < 20; i++) statuses.add((await request()).status);
  expect(statuses).toContain(503);

  // As long a label as it takes for a client to need another page.
  const failures: string[] = [];
  for (let i = 0; i < 200; i++) {
    await registerWithSecret(running, `late-${i}`).catch((error: Error) => failures.push(error.message));
  }
  expect(failures[0]).toContain('full');
  // What only reads goes on.
  expect((await requestToken(running, GRANT, basic('nightly', secret))).status).toBe(200);

  serving.exec('pragma max_page_count = 1000000');
  expect((await request()).status).toBe(200);
  const late = await registerWithSecret(running, 'later');
  expect((await requestToken(running, GRANT, basic('later', late))).status).toBe(200);
  const parts = serving.prepare(
    `select clients.id, (select count(*) from client_secrets where client_id = clients.id) as secrets,
       (select count(*) from client_access where client_id = clients.id) as access
     from clients where id like 'late-%'`,
  );
  const written = parts.all() as { secrets: number; access: number }[];
  expect(written).toHaveLength(200 - failures.length);
  expect(written.every(({ secrets, access }) => secrets === 1 && access === 1)).toBe(true);
  expect(serving.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  await running.stop();
});
