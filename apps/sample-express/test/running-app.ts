import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { createApp } from '../src/app.ts';

/** The sample on a free port, with an authority that mints its tokens. */
export interface RunningApp extends AsyncDisposable {
  readonly resource: string;
  readonly authority: TestAuthority;
}

export async function startApp(): Promise<RunningApp> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const resource = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  const authority = await createTestAuthority({ audience: resource });
  server.on('request', createApp({ resource, authorizationServer: authority.issuer }));
  return {
    resource,
    authority,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await authority.close();
    },
  };
}
