import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { afterEach, describe, expect, it } from 'vitest';

import { GRANT, requestToken, startServer, type RunningServer } from '../running-server.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';

describe('health', () => {
  let running: RunningServer;
  afterEach(async () => await running.stop());

  async function start(file?: string) {
    running = await startServer({
      mount:
        ({ handler, healthHandler }) =>
        (request, response) =>
          healthHandler(request, response, () => handler(request, response)),
      ...(file === undefined ? {} : { database: file }),
    });
  }

  async function ask(path: string, method = 'GET') {
    const response = await fetch(running.origin + path, { method });
    const text = await response.text();
    return { status: response.status, text, cache: response.headers.get('cache-control') };
  }

  it('is alive and ready, and never cached', async () => {
    await start();
    expect(await ask('/healthz')).toEqual({ status: 200, text: '{"status":"alive"}', cache: 'no-store' });
    expect(await ask('/readyz')).toEqual({ status: 200, text: '{"status":"ready"}', cache: 'no-store' });
    expect((await ask('/readyz?verbose', 'HEAD')).status).toBe(200);
    expect((await ask('/readyz', 'POST')).status).toBe(405);
  });

  it('leaves tokens to the server, and measures to the listener of the operator', async () => {
    await start();
    expect((await requestToken(running, GRANT)).status).toBe(400);
    expect((await ask('/metrics')).status).toBe(404);
  });

  it('is not ready once it was told to stop, while it goes on answering', async () => {
    await start();
    running.server.announceStop();
    expect(await ask('/readyz')).toMatchObject({
      status: 503,
      text: '{"status":"not_ready","failing":["stopping"]}',
    });
    expect((await ask('/healthz')).status).toBe(200);
    expect((await requestToken(running, GRANT)).status).toBe(400);
  });

  it('is not ready without a database, or without a key, and names the part and nothing else', async () => {
    const file = join(createTemporaryFolder(), 'auth.sqlite');
    await start(file);
    const other = new DatabaseSync(file);
    other.exec('alter table signing_keys rename to hidden');
    expect(await ask('/readyz')).toMatchObject({
      status: 503,
      text: '{"status":"not_ready","failing":["database"]}',
    });
    expect((await ask('/healthz')).status).toBe(200);
    other.exec('alter table hidden rename to signing_keys; delete from signing_keys');
    expect(await ask('/readyz')).toMatchObject({
      status: 503,
      text: '{"status":"not_ready","failing":["signing_keys"]}',
    });
    other.close();
  });

  it('serves the operator on a listener of its own', async () => {
    await start();
    const http = createServer((request, response) => running.server.operationsHandler(request, response));
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const statuses = [];
    for (const path of ['/healthz', '/readyz', '/metrics', '/token']) {
      statuses.push((await fetch(origin + path)).status);
    }
    expect(statuses).toEqual([200, 200, 200, 404]);
    http.closeAllConnections();
    http.close();
  });
});
