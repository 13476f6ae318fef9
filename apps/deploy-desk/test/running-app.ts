import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';

/** Creates a sample's request listener. */
export type CreateListener = (options: {
  readonly resource: string;
  readonly authorizationServer: string;
}) => RequestListener | Promise<RequestListener>;

/** A sample on a free port, with an authority that mints its tokens. */
export interface RunningApp extends AsyncDisposable {
  readonly resource: string;
  readonly authority: TestAuthority;
}

/** Starts a sample. */
export async function startApp(createListener: CreateListener): Promise<RunningApp> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const resource = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  const authority = await createTestAuthority({ audience: resource });
  server.on('request', await createListener({ resource, authorizationServer: authority.issuer }));
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
