import {
  createAuthorizationServer,
  type AuthorizationServer,
  type AuthorizationServerEvent,
  type AuthorizationServerOptions,
} from '@mcp-m2m/authorization-server';
import { onTestFinished } from 'vitest';
import { startHost, type Host } from './host.ts';

/** This project's own authorization server, over SQLite in memory. */
export interface OwnServer {
  readonly issuer: string;
  readonly host: Host;
  readonly server: AuthorizationServer;
  readonly events: AuthorizationServerEvent[];
  readonly tokenRequests: () => number;
}

/** Starts it; it lives until the current test has finished. */
export async function startOwnServer(
  resources: AuthorizationServerOptions['resources'],
  options: Partial<AuthorizationServerOptions> & { readonly path?: string } = {},
): Promise<OwnServer> {
  const { path = '', ...overrides } = options;
  const host = await startHost();
  const events: AuthorizationServerEvent[] = [];
  const server = await createAuthorizationServer({
    issuer: `${host.origin}${path}`,
    resources,
    database: ':memory:',
    secretKey: crypto.getRandomValues(new Uint8Array(32)),
    onEvent: (event) => events.push(event),
    ...overrides,
  });
  onTestFinished(() => server.close());
  host.serve((request, response) => server.handler(request, response));
  const tokenEndpoint = `POST ${path}/token`;
  return {
    issuer: server.issuer,
    host,
    server,
    events,
    tokenRequests: () => host.requests.filter((request) => request === tokenEndpoint).length,
  };
}
