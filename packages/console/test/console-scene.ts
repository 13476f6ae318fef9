import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createAuthorizationServer, type AuthorizationServer } from '@mcp-m2m/authorization-server';

import { createConsole, type Console, type ConsoleEvent, type ConsoleOptions } from '../src/index.ts';
import { createBrowser, type Browser } from './browser.ts';

export const MCP = 'https://mcp.example.com/mcp';
export const SECRET_KEY = 'a secret key for tests, long enough: 0123456789';

/** An authorization server and its console at one origin. */
export interface ConsoleScene {
  readonly origin: string;
  readonly issuer: string;
  readonly server: AuthorizationServer;
  readonly console: Console;
  readonly events: ConsoleEvent[];
  /** A credential that may administer. */
  readonly administrator: { readonly clientId: string; readonly clientSecret: string };
  /** Something that keeps cookies and sends what a page of the console sends. */
  browser(): Browser;
  /** A browser in which the administrator is signed in. */
  signedIn(): Promise<Browser>;
  /** Makes another client that may use the administration. */
  administratorWith(
    scopes: readonly string[],
  ): Promise<{ readonly clientId: string; readonly clientSecret: string }>;
  stop(): Promise<void>;
}

export interface ConsoleSceneOptions extends Partial<ConsoleOptions> {
  /** Options of the console that need to know where it is. */
  readonly knowing?: (
    origin: string,
    administrator: { readonly clientId: string; readonly clientSecret: string },
  ) => Partial<ConsoleOptions>;
  readonly database?: string;
  /** Path of the issuer below the origin. */
  readonly issuerPath?: string;
  readonly trustedProxies?: readonly string[];
}

/** Starts both on an ephemeral loopback port. */
export async function startConsole(options: ConsoleSceneOptions = {}): Promise<ConsoleScene> {
  const { database = ':memory:', issuerPath = '', knowing, trustedProxies = [], ...overrides } = options;
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const issuer = origin + issuerPath;
  const server = await createAuthorizationServer({
    issuer,
    resources: [{ resource: MCP, scopes: ['deploy:read', 'deploy:write', 'deploy:approve'] }],
    database,
    secretKey: SECRET_KEY,
    adminApi: true,
    trustedProxies,
    throttling: { failuresPerClient: 1000, failuresPerAddress: 100_000 },
  });
  let count = 0;
  async function administratorWith(scopes: readonly string[]) {
    const clientId = `administrator-${++count}`;
    const { secret = '' } = await server.clients.create({
      clientId,
      authentication: { method: 'secret' },
      access: [{ resource: `${issuer}/admin`, scopes }],
    });
    return { clientId, clientSecret: secret };
  }

  const administrator = await administratorWith(['admin:read', 'admin:write']);
  const events: ConsoleEvent[] = [];
  const mounted = createConsole({
    issuer,
    secretKey: SECRET_KEY,
    connections: ':memory:',
    onEvent: (event) => events.push(event),
    ...overrides,
    ...knowing?.(origin, administrator),
  });
  const listener: RequestListener = (request, response) =>
    mounted.handler(request, response, () => server.handler(request, response));
  http.on('request', listener);

  const browser = () => createBrowser(`${origin}/console/`);
  return {
    origin,
    issuer,
    server,
    console: mounted,
    events,
    administrator,
    browser,
    async signedIn() {
      const signedIn = browser();
      await signedIn.post('api/session', administrator);
      return signedIn;
    },
    administratorWith,
    async stop() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      mounted.close();
      await server.close();
    },
  };
}
