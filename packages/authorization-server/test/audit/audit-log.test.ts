import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createEventReporter, type EventReporter } from '../../src/audit/event-reporter.ts';
import type { AuthorizationServerEvent } from '../../src/index.ts';
import type { Database } from '../../src/store/database.ts';
import { openTestDatabase } from '../databases.ts';

const NOON = Date.parse('2026-06-01T12:00:00Z');

describe('the audit trail', () => {
  let opened: Database;
  let events: EventReporter;
  let heard: AuthorizationServerEvent[];
  let time: number;

  beforeEach(async () => {
    opened = await openTestDatabase();
    heard = [];
    time = NOON;
    start();
  });
  afterEach(async () => {
    await events.close();
    await opened.close();
  });

  function start(rules: { issuedTokens?: boolean; retentionDays?: number } = {}) {
    events = createEventReporter({
      database: opened,
      rules: { issuedTokens: false, retentionDays: undefined, ...rules },
      listeners: [(event) => heard.push(event)],
      now: () => time,
    });
  }

  const refuse = (
    clientId: string | undefined,
    reason: 'secret_wrong' | 'throttled',
    remoteAddress = '192.0.2.1',
  ) =>
    events.report({
      type: 'token_refused',
      clientId,
      status: 401,
      error: 'invalid_client',
      reason,
      detail: 'x',
      remoteAddress,
    });
  const issue = (clientId: string) =>
    events.report({
      type: 'token_issued',
      clientId,
      resource: 'https://mcp.example.com/mcp',
      scopes: ['deploy:read'],
      tokenId: 'jti',
      expiresAt: 1,
      remoteAddress: '192.0.2.1',
    });
  const act = {
    type: 'client_deleted',
    clientId: 'nightly',
    actor: 'admin-1',
    remoteAddress: '192.0.2.9',
  } as const;

  it('holds acts and refusals with reason, actor and address, the newest first', async () => {
    await events.report(act);
    time += 1000;
    refuse('nightly', 'secret_wrong');
    const { entries, nextCursor } = await events.audit.list();
    expect(entries).toEqual([
      {
        id: expect.any(String),
        at: '2026-06-01T12:00:01.000Z',
        type: 'token_refused',
        actor: 'nightly',
        clientId: 'nightly',
        resource: undefined,
        address: '192.0.2.1',
        reason: 'secret_wrong',
        detail: { status: 401, error: 'invalid_client', detail: 'x' },
      },
      {
        id: expect.any(String),
        at: '2026-06-01T12:00:00.000Z',
        type: 'client_deleted',
        actor: 'admin-1',
        clientId: 'nightly',
        resource: undefined,
        address: '192.0.2.9',
        reason: undefined,
        detail: {},
      },
    ]);
    expect(nextCursor).toBeUndefined();
  });

  it('is narrowed by everything it holds, and by time', async () => {
    await events.report(act);
    time += 60_000;
    refuse('nightly', 'secret_wrong');
    refuse('weekly', 'secret_wrong', '198.51.100.7');
    const count = async (filters: object) => (await events.audit.list(filters)).entries.length;
    expect(await count({ type: 'client_deleted' })).toBe(1);
    expect(await count({ type: ['client_deleted', 'token_refused'] })).toBe(3);
    expect(await count({ clientId: 'nightly' })).toBe(2);
    expect(await count({ actor: 'admin-1' })).toBe(1);
    expect(await count({ reason: 'secret_wrong', address: '198.51.100.7' })).toBe(1);
    expect(await count({ from: '2026-06-01T12:01:00Z' })).toBe(2);
    expect(await count({ to: '2026-06-01T12:01:00Z' })).toBe(1);
    expect(await count({ clientId: "' or 1=1 --" })).toBe(0);
  });

  it('comes in pages, in both orders, without a gap or a repetition', async () => {
    for (let number = 0; number < 25; number++) refuse(`client-${number}`, 'secret_wrong');
    for (const order of ['newest', 'oldest'] as const) {
      const seen: (string | undefined)[] = [];
      let cursor: string | undefined;
      do {
        const page = await events.audit.list({
          limit: 10,
          order,
          ...(cursor === undefined ? {} : { cursor }),
        });
        seen.push(...page.entries.map(({ clientId }) => clientId));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      const expected = Array.from({ length: 25 }, (_, number) => `client-${number}`);
      expect(seen).toEqual(order === 'oldest' ? expected : expected.toReversed());
    }
  });

  it('is exported as lines of JSON, the oldest first, however many', async () => {
    await events.report(act);
    for (let number = 0; number < 1200; number++) refuse(`client-${number}`, 'secret_wrong');
    const lines: string[] = [];
    for await (const line of events.audit.export()) lines.push(line);
    expect(lines).toHaveLength(1201);
    expect(lines.every((line) => line.endsWith('\n') && !line.slice(0, -1).includes('\n'))).toBe(true);
    const entries = lines.map((line) => JSON.parse(line) as { clientId: string });
    expect(entries.map(({ clientId }) => clientId).slice(0, 3)).toEqual(['nightly', 'client-0', 'client-1']);
    const some: string[] = [];
    for await (const line of events.audit.export({ type: 'client_deleted' })) some.push(line);
    expect(some).toEqual(lines.slice(0, 1));
  });

  it('has an act that was acknowledged even though the process never came to write anything else', async () => {
    await events.report(act);
    refuse('nightly', 'secret_wrong');
    // Read past the reporter, which would write first.
    const rows = await opened.db.selectFrom('audit_events').select(['type', 'actor']).execute();
    expect(rows).toEqual([{ type: 'client_deleted', actor: 'admin-1' }]);
  });

  it('keeps act and record together: neither is there when the transaction fails, and nobody hears of it', async () => {
    const work = events.database.transact(async (transaction) => {
      await transaction
        .insertInto('resources')
        .values({ id: 'r', scopes: '', revision: '1', created_at: 1, updated_at: 1 })
        .execute();
      await events.report({ type: 'resource_created', resource: 'r', actor: 'owner' }, transaction);
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect((await events.audit.list()).entries).toEqual([]);
    expect(await opened.db.selectFrom('resources').select('id').execute()).toEqual([]);
    expect(heard).toEqual([]);
  });

  it('is told to listeners once the transaction of the act is committed', async () => {
    await events.database.transact(async (transaction) => {
      await events.report(act, transaction);
      expect(heard).toEqual([]);
    });
    expect(heard).toEqual([{ ...act, at: NOON }]);
  });

  it('refuses to record an act in a transaction that nobody would announce', async () => {
    const work = opened.transact(async (transaction) => await events.report(act, transaction));
    await expect(work).rejects.toThrow('Database.transact');
  });

  it('leaves out issued tokens unless told to record them', async () => {
    issue('nightly');
    expect((await events.audit.list()).entries).toEqual([]);
    await events.close();
    start({ issuedTokens: true });
    issue('nightly');
    expect((await events.audit.list()).entries).toMatchObject([
      { type: 'token_issued', actor: 'nightly', resource: 'https://mcp.example.com/mcp' },
    ]);
  });

  it('counts what a flood repeats instead of recording each', async () => {
    for (let number = 0; number < 500; number++) refuse('nightly', 'throttled');
    refuse('weekly', 'throttled');
    expect((await events.audit.list({ order: 'oldest' })).entries).toMatchObject([
      { clientId: 'nightly', reason: 'throttled', detail: { repeated: 499 } },
      { clientId: 'weekly', reason: 'throttled' },
    ]);
  });

  it('is bounded in memory, and records how much it lost', async () => {
    // All at once, so that nothing can be written in between.
    for (let number = 0; number < 10_700; number++) refuse(`client-${number}`, 'secret_wrong');
    await events.audit.list();
    const { entries } = await events.audit.list({ type: 'audit_events_dropped' });
    const lost = entries.reduce((sum, { detail }) => sum + Number(detail['count']), 0);
    const rows = await opened.db
      .selectFrom('audit_events')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('type', '=', 'token_refused')
      .executeTakeFirstOrThrow();
    expect(lost).toBeGreaterThan(0);
    expect(rows.count + lost).toBe(10_700);
    expect(heard.filter(({ type }) => type === 'token_refused')).toHaveLength(10_700);
  });

  it('keeps what could not be written for later', async () => {
    await opened.db.schema.alterTable('audit_events').renameTo('elsewhere').execute();
    refuse('nightly', 'secret_wrong');
    await expect(events.audit.list()).rejects.toThrow('audit_events');
    await opened.db.schema.alterTable('elsewhere').renameTo('audit_events').execute();
    const { entries } = await events.audit.list({ type: 'token_refused' });
    expect(entries).toMatchObject([{ clientId: 'nightly', reason: 'secret_wrong' }]);
  });

  it('does not acknowledge an act that it cannot record', async () => {
    await opened.db.schema.alterTable('audit_events').renameTo('elsewhere').execute();
    await expect(events.report(act)).rejects.toThrow('audit_events');
    expect(heard).toEqual([]);
    await opened.db.schema.alterTable('elsewhere').renameTo('audit_events').execute();
  });

  it('loses entries by their age alone, and only where that is configured', async () => {
    await events.report(act);
    issue('nightly');
    time += 31 * 86_400_000;
    await events.report({ ...act, clientId: 'weekly' });
    await events.close();
    start({ retentionDays: 30 });
    await expect
      .poll(async () => (await events.audit.list()).entries.map(({ clientId }) => clientId))
      .toEqual(['weekly']);
    expect((await events.usage.list()).hours).toEqual([]);
  });

  it.each([
    [{ limit: 0 }, 'limit must be a whole number from 1 to 1000'],
    [{ from: 'yesterday' }, 'from must be a time in ISO 8601'],
    [{ cursor: '1 or 1=1' }, 'cursor must be the nextCursor'],
    [{ client: 'nightly' }, 'did you mean "clientId"'],
  ])('refuses the options %o', async (options, message) => {
    await expect(events.audit.list(options as never)).rejects.toThrow(message);
  });
});
