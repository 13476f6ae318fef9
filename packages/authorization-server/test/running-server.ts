import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import {
  createAuthorizationServer,
  type AuthorizationServer,
  type AuthorizationServerEvent,
  type AuthorizationServerOptions,
} from '../src/index.ts';
import { createTestDatabase } from './databases.ts';

export const MCP = 'https://mcp.example.com/mcp';
export const OTHER_MCP = 'https://other.example.com/mcp';
/** The one grant that is offered. */
export const GRANT = { grant_type: 'client_credentials' };
/** Tests fail more often than clients do, all from one address. */
const PATIENT = { failuresPerClient: 1000, failuresPerAddress: 100_000 };
export const SECRET_KEY = 'a secret key for tests, long enough: 0123456789';

/** An authorization server that listens on an ephemeral loopback port. */
export interface RunningServer {
  readonly origin: string;
  readonly issuer: string;
  readonly server: AuthorizationServer;
  readonly events: AuthorizationServerEvent[];
  stop(): Promise<void>;
}

export interface RunningServerOptions extends Partial<AuthorizationServerOptions> {
  /** Path of the issuer below the origin. */
  readonly issuerPath?: string;
  /** How the handler is mounted; as the whole listener unless given. */
  readonly mount?: (server: AuthorizationServer) => RequestListener;
}

export async function startServer(options: RunningServerOptions = {}): Promise<RunningServer> {
  const {
    issuerPath = '',
    mount = ({ handler }) =>
      (req, res) =>
        handler(req, res),
    ...overrides
  } = options;
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const events: AuthorizationServerEvent[] = [];
  const own = overrides.database === undefined ? await createTestDatabase() : undefined;
  const server = await createAuthorizationServer({
    issuer: origin + issuerPath,
    resources: [
      { resource: MCP, scopes: ['deploy:read', 'deploy:write', 'deploy:approve'] },
      { resource: OTHER_MCP, scopes: ['deploy:read', 'other:read'] },
    ],
    database: own?.location ?? ':memory:',
    secretKey: SECRET_KEY,
    onEvent: (event) => events.push(event),
    ...(overrides.dangerouslyDisableThrottling === true ? {} : { throttling: PATIENT }),
    ...overrides,
  });
  http.on('request', mount(server));
  return {
    origin,
    issuer: server.issuer,
    server,
    events,
    async stop() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await server.close();
      await own?.remove();
    },
  };
}

/** An answer of the token endpoint. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

export type Parameters = Record<string, string> | [string, string][];

/** Sends a token request; parameters may be repeated. */
export async function requestToken(
  { issuer }: { readonly issuer: string },
  parameters: Parameters,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return await post(`${issuer}/token`, new URLSearchParams(parameters), headers);
}

export async function post(
  url: string,
  body: URLSearchParams | string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, { method: 'POST', body, headers });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
}

export function basic(clientId: string, secret: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` };
}

/** The reason of the last refusal reported. */
export function lastReason({ events }: RunningServer): string | undefined {
  return events.findLast((event) => event.type === 'token_refused')?.reason;
}

/** Registers a client with a secret and returns the secret. */
export async function registerWithSecret(
  { server }: RunningServer,
  clientId: string,
  scopes: readonly string[] = ['deploy:read', 'deploy:write'],
  resources: readonly string[] = [MCP],
): Promise<string> {
  const { secret } = await server.clients.create({
    clientId,
    authentication: { method: 'secret' },
    access: resources.map((resource) => ({ resource, scopes })),
  });
  return secret as string;
}
