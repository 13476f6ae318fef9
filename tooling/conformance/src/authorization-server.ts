import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createAuthorizationServer,
  type AuthorizationServer,
  type AuthorizationServerEvent,
} from '@mcp-m2m/authorization-server';

/** This project's authorization server, on a free port of loopback and without a resource. */
export interface OwnAuthorizationServer extends AsyncDisposable {
  readonly issuer: string;
  readonly server: AuthorizationServer;
  /** What it reported, oldest first. */
  readonly events: readonly AuthorizationServerEvent[];
}

/**
 * Starts it, over SQLite in memory.
 *
 * @param path - of the issuer, such as `/tenants/one`; none unless given
 */
export async function startOwnAuthorizationServer(path = ''): Promise<OwnAuthorizationServer> {
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const events: AuthorizationServerEvent[] = [];
  const server = await createAuthorizationServer({
    issuer: `http://127.0.0.1:${(http.address() as AddressInfo).port}${path}`,
    resources: [],
    database: ':memory:',
    secretKey: crypto.getRandomValues(new Uint8Array(32)),
    accessTokenLifetimeSeconds: 3600,
    onEvent: (event) => events.push(event),
  });
  http.on('request', server.handler);
  return {
    issuer: server.issuer,
    server,
    events,
    [Symbol.asyncDispose]: async () => {
      http.close();
      http.closeAllConnections();
      await server.close();
    },
  };
}
