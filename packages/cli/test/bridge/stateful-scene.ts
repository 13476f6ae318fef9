import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { mcpAuth } from '@mcp-m2m/express';
import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import express from 'express';

import { createControl, serveSessions, type StatefulControl } from './stateful-server.ts';

const SECRET = 'generated for the bridge, 4711';

/** A protected server with sessions, which can be stopped and started again at the same address. */
export interface StatefulScene extends AsyncDisposable {
  readonly url: string;
  readonly authority: TestAuthority;
  readonly control: StatefulControl;
  /** How `mcp-m2m` is told of the connection. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
  /** Starts it anew; it knows nothing of what was. */
  start(): Promise<void>;
}

export interface StatefulSceneOptions {
  /** Whether the server takes tokens bound to a key alone. */
  readonly dpop?: boolean;
}

export async function startStatefulScene({
  dpop = false,
}: StatefulSceneOptions = {}): Promise<StatefulScene> {
  const authority = await createTestAuthority();
  authority.registerClient({ clientId: 'bridge', secret: SECRET, scopes: ['tools:use'] });
  const control = createControl();
  let http: Server | undefined;
  let port = 0;

  async function start(): Promise<void> {
    const app = express();
    http = createServer(app).listen(port, '127.0.0.1');
    await once(http, 'listening');
    ({ port } = http.address() as AddressInfo);
    const auth = mcpAuth({
      resource: `http://127.0.0.1:${port}/mcp`,
      authorizationServers: [authority.issuer],
      access: { scopes: ['tools:use'] },
      now: authority.now,
      ...(dpop ? { dpop: { required: true } } : {}),
    });
    app.use(auth.metadata());
    app.all('/mcp', auth.protect(), express.json({ limit: '64mb' }), serveSessions(control));
  }

  async function stop(): Promise<void> {
    const closed = new Promise((resolve) => http?.close(resolve));
    http?.closeAllConnections();
    await closed;
    // So that its clients see the end of their connections, as they do when a process ends.
    await sleep(20);
  }

  await start();
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    authority,
    control,
    args: ['--issuer', authority.issuer, '--client-id', 'bridge', ...(dpop ? ['--dpop'] : [])],
    environment: { MCP_M2M_CLIENT_SECRET: SECRET },
    start,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await authority.close();
    },
  };
}
