import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createEventReporter, type EventReporter } from '../../src/audit/event-reporter.ts';
import type { Database } from '../../src/store/database.ts';
import { openTestDatabase } from '../databases.ts';

const NOON = Date.parse('2026-06-01T12:00:00Z');
const A = 'https://a.example.com/mcp';
const B = 'https://b.example.com/mcp';

describe('the usage', () => {
  let opened: Database;
  let time: number;
  let instances: EventReporter[];

  beforeEach(async () => {
    opened = await openTestDatabase();
    time = NOON;
    instances = [];
  });
  afterEach(async () => {
    for (const instance of instances) await instance.close();
    await opened.close();
  });

  function start(): EventReporter {
    const instance = createEventReporter({
      database: opened,
      rules: { issuedTokens: false, retentionDays: undefined },
      listeners: [],
      now: () => time,
    });
    instances.push(instance);
    return instance;
  }

  function issue({ report }: EventReporter, clientId: string, resource: string) {
    const rest = { scopes: [], tokenId: 'jti', expiresAt: 1, remoteAddress: undefined };
    report({ type: 'token_issued', clientId, resource, ...rest });
  }

  function refuse(
    { report }: EventReporter,
    clientId: string,
    reason: 'client_unknown' | 'scope_not_allowed',
  ) {
    const rest = { status: 400, error: 'x', detail: 'x', remoteAddress: undefined };
    report({ type: 'token_refused', clientId, reason, ...rest });
  }

  it('is counted per client, resource and hour, by all instances together', async () => {
    const [one, other] = [start(), start()];
    issue(one, 'nightly', A);
    issue(other, 'nightly', A);
    issue(one, 'nightly', B);
    refuse(other, 'nightly', 'scope_not_allowed');
    await other.usage.list();
    issue(other, 'nightly', A);
    time += 3_599_999;
    issue(one, 'weekly', A);
    time += 1;
    issue(one, 'weekly', A);
    await other.usage.list();
    const { hours, nextCursor } = await one.usage.list();
    expect(hours).toEqual([
      { hour: '2026-06-01T13:00:00.000Z', clientId: 'weekly', resource: A, issued: 1, refused: 0 },
      { hour: '2026-06-01T12:00:00.000Z', clientId: 'nightly', resource: undefined, issued: 0, refused: 1 },
      { hour: '2026-06-01T12:00:00.000Z', clientId: 'nightly', resource: A, issued: 3, refused: 0 },
      { hour: '2026-06-01T12:00:00.000Z', clientId: 'nightly', resource: B, issued: 1, refused: 0 },
      { hour: '2026-06-01T12:00:00.000Z', clientId: 'weekly', resource: A, issued: 1, refused: 0 },
    ]);
    expect(nextCursor).toBeUndefined();
  });

  it('is narrowed by client, resource and time, and comes in pages', async () => {
    const instance = start();
    for (let hour = 0; hour < 5; hour++) {
      for (const client of ['nightly', 'weekly'])
        for (const resource of [A, B]) issue(instance, client, resource);
      time += 3_600_000;
    }
    const all = (await instance.usage.list()).hours;
    expect(all).toHaveLength(20);
    const paged = [];
    let cursor: string | undefined;
    do {
      const page = await instance.usage.list({ limit: 3, ...(cursor === undefined ? {} : { cursor }) });
      paged.push(...page.hours);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(paged).toEqual(all);
    const narrowed = await instance.usage.list({
      clientId: 'weekly',
      resource: B,
      from: '2026-06-01T13:00:00Z',
      to: '2026-06-01T15:00:00Z',
    });
    expect(narrowed.hours).toEqual(
      all.filter(
        ({ clientId, resource, hour }) => clientId === 'weekly' && resource === B && /T1[34]:/.test(hour),
      ),
    );
    expect(narrowed.hours).toHaveLength(2);
    await expect(instance.usage.list({ cursor: 'e30' })).rejects.toThrow('cursor must be the nextCursor');
  });

  it('has no row for a client that somebody made up', async () => {
    const instance = start();
    for (let number = 0; number < 50; number++) refuse(instance, `made-up-${number}`, 'client_unknown');
    expect((await instance.usage.list()).hours).toEqual([
      { hour: '2026-06-01T12:00:00.000Z', clientId: undefined, resource: undefined, issued: 0, refused: 50 },
    ]);
  });
});
