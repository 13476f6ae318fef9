import { setTimeout as wait } from 'node:timers/promises';

import { expect, it, onTestFinished } from 'vitest';

import type { AuditEntry } from '../../src/index.ts';
import { openDatabase } from '../../src/store/database.ts';
import { createTestDatabase } from '../databases.ts';
import { basic, GRANT, requestToken, startServer } from '../running-server.ts';

it('whoever reads on from the latest entry misses none that another instance was writing meanwhile', async () => {
  const { location, remove } = await createTestDatabase();
  const running = await startServer({ database: location });
  const other = await openDatabase(location);
  onTestFinished(async () => {
    await running.stop();
    await other.close();
    await remove();
  });
  let commit: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (commit = resolve));
  let begun: () => void = () => undefined;
  const inserted = new Promise<void>((resolve) => (begun = resolve));
  const slow = other.transact(async (transaction) => {
    await transaction
      .insertInto('audit_events')
      .values({ at: Date.now(), type: 'client_deleted', client_id: 'slow', actor: 'owner', detail: '{}' })
      .execute();
    begun();
    await held;
  });
  await inserted;
  await requestToken(running, GRANT, basic('quick', 'wrong'));
  const reading = running.server.audit.list({ order: 'oldest' });
  // Where nobody waits for anybody, it is read by now.
  await Promise.race([reading, wait(500)]);
  commit();
  await slow;
  const { entries } = await reading;
  const cursor = entries.at(-1)?.id;
  const further = await running.server.audit.list({
    order: 'oldest',
    ...(cursor === undefined ? {} : { cursor }),
  });
  const read: readonly AuditEntry[] = [...entries, ...further.entries];
  expect(read.map(({ clientId }) => clientId)).toEqual(expect.arrayContaining(['slow', 'quick']));
});
