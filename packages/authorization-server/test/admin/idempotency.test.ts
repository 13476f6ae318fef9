import { createSecretKey } from 'node:crypto';

import { Hono } from 'hono';
import { describe, expect, it, onTestFinished } from 'vitest';

import type { AdminEnvironment } from '../../src/admin/admin-environment.ts';
import { createIdempotency } from '../../src/admin/idempotency.ts';
import { createProblem, describeError } from '../../src/admin/problem.ts';
import { openTestDatabase } from '../databases.ts';
import { MCP } from '../running-server.ts';
import { startAdmin } from './admin-scene.ts';

const BODY = { authentication: { method: 'secret' }, access: [{ resource: MCP, scopes: ['deploy:read'] }] };
const KEY = { 'idempotency-key': 'a new random value' };

describe('Idempotency-Key', () => {
  it('a repetition gets the same answer, secret included, and nothing is done twice', async () => {
    const { call } = await startAdmin();
    const first = await call('POST', '/clients', { body: BODY, headers: KEY });
    const again = await call('POST', '/clients', { body: BODY, headers: KEY });
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await call('GET', '/clients')).body.clients).toHaveLength(2);
  });

  it('of parallel ones, one is done', async () => {
    const { call } = await startAdmin();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => call('POST', '/clients', { body: BODY, headers: KEY })),
    );
    expect(new Set(answers.map(({ status }) => status)).has(201)).toBe(true);
    for (const { status, body } of answers) expect([201, 409], JSON.stringify(body)).toContain(status);
    expect((await call('GET', '/clients')).body.clients).toHaveLength(2);
  });

  it('the same key for something else is refused', async () => {
    const { call } = await startAdmin();
    await call('POST', '/clients', { body: BODY, headers: KEY });
    const other = await call('POST', '/clients', { body: { ...BODY, label: 'another' }, headers: KEY });
    expect(other.body).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
  });

  it('what was refused may be tried again under the same key', async () => {
    const { call } = await startAdmin();
    const wrong = { ...BODY, access: [{ resource: MCP, scopes: ['unknown'] }] };
    expect((await call('POST', '/clients', { body: wrong, headers: KEY })).status).toBe(400);
    expect((await call('POST', '/clients', { body: BODY, headers: KEY })).status).toBe(201);
  });

  it('keys of two administrators are two', async () => {
    const { call, tokenWith } = await startAdmin();
    const token = await tokenWith(['admin:write']);
    const first = await call('POST', '/clients', { body: BODY, headers: KEY });
    const second = await call('POST', '/clients', { body: BODY, headers: KEY, token });
    expect(second.body.clientId).not.toBe(first.body.clientId);
  });

  it('answers are encrypted at rest: no secret can be read in the database', async () => {
    const { mkdtemp, readFile, rm } = await import('node:fs/promises');
    const folder = await mkdtemp('/tmp/mcp-m2m-admin-');
    try {
      const database = `${folder}/auth.sqlite`;
      const { call } = await startAdmin({ database });
      const { body } = await call('POST', '/clients', { body: BODY, headers: KEY });
      for (const file of [database, `${database}-wal`]) {
        expect((await readFile(file)).includes(body.secret)).toBe(false);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('what failed may have been done: it is not done again under the same key', async () => {
    const database = await openTestDatabase();
    onTestFinished(() => database.close());
    let time = Date.now();
    let done = 0;
    const app = new Hono<AdminEnvironment>();
    app.onError((error, c) => c.json(describeError(error), describeError(error).status as never));
    app.use(async (c, next) => {
      c.set('caller', { issuer: 'https://auth.example.com', clientId: 'one', subject: 'one' } as never);
      await next();
    });
    app.use(createIdempotency({ database, seal: createSecretKey(Buffer.alloc(32, 1)), now: () => time }));
    app.post('/', (c) => {
      done++;
      return c.json(createProblem(503, 'store_unavailable', 'The connection was lost at the end.'), 503);
    });
    const send = async () => {
      const answer = await app.request('/', { method: 'POST', body: '{}', headers: KEY });
      return [answer.status, ((await answer.json()) as { code: string }).code];
    };
    expect(await send()).toEqual([503, 'store_unavailable']);
    expect(await send()).toEqual([409, 'request_under_way']);
    time += 61_000;
    expect(await send()).toEqual([409, 'outcome_unknown']);
    expect(done).toBe(1);
  });
});
