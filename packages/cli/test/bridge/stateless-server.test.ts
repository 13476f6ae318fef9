import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import express from 'express';
import { expect, it } from 'vitest';

import { connectThroughBridge } from './bridged-client.ts';

it('what a client of revision 2026-07-28 cancels is cancelled at the server', async () => {
  const waiting = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<void>();
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'stateless', version: '1' });
    server.registerTool('wait', {}, async ({ mcpReq: { signal } }) => {
      signal.addEventListener('abort', () => stopped.resolve());
      waiting.resolve();
      await sleep(60_000, undefined, { signal, ref: false }).catch(() => undefined);
      return { content: [] };
    });
    return server;
  });
  const http = createServer(express().all('/mcp', toNodeHandler(handler))).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
  const bridged = await connectThroughBridge({ url, args: [], environment: {} }, { pin: '2026-07-28' });
  const controller = new AbortController();
  const call = bridged.client.callTool({ name: 'wait', arguments: {} }, { signal: controller.signal });
  await waiting.promise;
  controller.abort();
  await expect(call).rejects.toThrow(/abort/i);
  await stopped.promise;
  expect(await bridged.end()).toBe(0);
  http.closeAllConnections();
  http.close();
});
