import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { describe, expect, it, onTestFinished } from 'vitest';

import type { AdminEnvironment } from '../../src/admin/admin-environment.ts';
import { streamLines } from '../../src/admin/stream-lines.ts';

describe('lines that are streamed', () => {
  it('arrive one after the other, to the end', async () => {
    const { fetchLines, failures } = await serve(async function* () {
      for (let line = 0; line < 5000; line++) yield `${line}\n`;
    });
    expect((await fetchLines()).trim().split('\n')).toHaveLength(5000);
    expect(failures).toEqual([]);
  });

  it('none at all are an empty answer', async () => {
    const { fetchLines } = await serve(async function* () {});
    expect(await fetchLines()).toBe('');
  });

  it('a failure in the middle cuts the answer off: it does not look complete', async () => {
    const { fetchLines, failures } = await serve(async function* () {
      yield 'first\n';
      throw new Error('the database is gone');
    });
    await expect(fetchLines()).rejects.toThrow(TypeError);
    expect(failures).toEqual([new Error('the database is gone')]);
  });

  it('a failure before the first line is a refusal', async () => {
    // oxlint-disable-next-line require-yield
    const { url } = await serve(async function* () {
      throw new Error('the database is gone');
    });
    expect((await fetch(url)).status).toBe(500);
  });

  it('whoever hangs up ends the reading', async () => {
    let ended: (how: string) => void = () => undefined;
    const end = new Promise<string>((resolve) => (ended = resolve));
    const { url } = await serve(async function* () {
      try {
        for (;;) yield `${'x'.repeat(10_000)}\n`;
      } finally {
        ended('by its reader');
      }
    });
    const response = await new Promise<IncomingMessage>((resolve) => get(url, resolve));
    response.once('data', () => response.destroy());
    expect(await end).toBe('by its reader');
  });
});

async function serve(lines: () => AsyncIterable<string>) {
  const failures: unknown[] = [];
  const app = new Hono<AdminEnvironment>();
  app.get('/', async (c) => await streamLines(c, lines(), (error) => failures.push(error)));
  app.onError((_error, c) => c.body(null, 500));
  const http = createServer((request, response) => {
    void getRequestListener(app.fetch, { overrideGlobalObjects: false })(request, response);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    http.close();
    http.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`;
  return { url, failures, fetchLines: async () => await (await fetch(url)).text() };
}
