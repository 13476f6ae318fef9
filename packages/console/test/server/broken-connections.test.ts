import { brokenConnections, startScene } from 'broken-connections';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Browser } from '../browser.ts';
import { connectionBody } from '../connection-body.ts';
import { startConsole, type ConsoleScene } from '../console-scene.ts';
import { runTest } from '../test-lines.ts';

let scene: ConsoleScene;
let browser: Browser;

beforeAll(async () => {
  scene = await startConsole({ allowLoopback: true });
  browser = await scene.signedIn();
});
afterAll(() => scene.stop());

describe('a broken connection gets its verdict and its fix from "Test"', () => {
  it.each(brokenConnections.map((connection) => [connection.title, connection] as const))(
    '%s',
    async (_title, { start, verdict, says, works = false }) => {
      await using connection = await start();
      const { status, text, last } = await runTest(
        browser,
        'api/connection-tests',
        connectionBody(connection.settings),
      );
      expect(status, text).toBe(200);
      expect(last, text).toMatchObject({ type: 'diagnosis', outcome: works ? 'healthy' : 'broken' });
      expect(last.verdict?.code, text).toBe(verdict);
      expect(`${last.verdict.message} ${last.verdict.fix}`).toMatch(says);
      for (const secret of connection.secrets) expect(text).not.toContain(secret);
    },
  );
});

describe('a broken connection that is added ends saved, with its health, or in a sentence', () => {
  it.each(brokenConnections.map((connection) => [connection.title, connection] as const))(
    '%s',
    async (_title, { start, verdict }) => {
      await using connection = await start();
      const {
        tool: _tool,
        timeoutMilliseconds: _timeout,
        ...settings
      } = connectionBody(connection.settings) as Record<string, unknown>;
      const { status, body, text } = await browser.post('api/connections', settings);
      const begins = verdict === 'password_grant' || verdict === 'grant_needs_person';
      expect([status, begins], text).toEqual(begins ? [422, true] : [201, false]);
      for (const secret of connection.secrets) expect(text).not.toContain(secret);
      expect(/^This connection was not saved: .{30,}/s.test(body.detail ?? ''), text).toBe(begins);
      const deleted = await browser.delete(`api/connections/${body.id ?? 'none'}`);
      expect(deleted.status).toBe(begins ? 404 : 204);
    },
  );
});

it('a connection that works is healthy, and its tools are kept', async () => {
  await using connection = await startScene();
  const { timeoutMilliseconds: _timeout, ...settings } = connectionBody(connection.settings) as Record<
    string,
    unknown
  >;
  const added = await browser.post('api/connections', { ...settings, label: 'Deploy desk' });
  expect(added.body.health).toBeUndefined();
  const { steps, last } = await runTest(browser, `api/connections/${added.body.id}/test`);
  expect(last).toMatchObject({ type: 'diagnosis', outcome: 'healthy' });
  expect(steps.at(-2)).toMatchObject({ name: 'tools', status: 'passed' });
  const { body } = await browser.get('api/connections');
  expect(body.connections).toMatchObject([
    {
      label: 'Deploy desk',
      credential: 'secret',
      createdBy: 'administrator-1',
      readable: true,
      health: { outcome: 'healthy', tools: [{ name: 'list_deployments' }, {}, {}] },
    },
  ]);
  expect(JSON.stringify(body)).not.toContain(connection.secrets[0]);
});
