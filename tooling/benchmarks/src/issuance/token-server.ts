import { startServer, type ServerProcess } from '../server-process.ts';
import type { RegisteredClient } from './registered-clients.ts';

export const ISSUER = 'https://auth.example.com';
export const RESOURCE = 'https://mcp.example.com/mcp';
export const SCOPES = ['deploy:read'] as const;
/** Of databases that are thrown away. */
export const SECRET_KEY = 'x9Kq2LrT7vB4mZ1sW8eY5uH3nC6pD0aFjGxQkRtVbNm';

/** What a process of `token-servers.ts` serves. */
export interface TokenServerOptions {
  readonly engine: 'mcp-m2m' | 'oidc-provider';
  readonly issuer: string;
  readonly resources: readonly { readonly resource: string; readonly scopes: readonly string[] }[];
  readonly database: string;
  readonly secretKey: string;
  /** For oidc-provider; ours has them in its database. */
  readonly clients: readonly Pick<RegisteredClient, 'clientId' | 'secret' | 'publicJwk'>[];
}

const COMMON = { issuer: ISSUER, resources: [{ resource: RESOURCE, scopes: SCOPES }], secretKey: SECRET_KEY };

/** Starts our server on a database with clients in it. */
export async function startOurs(database: string): Promise<ServerProcess> {
  return await start({ ...COMMON, engine: 'mcp-m2m', database, clients: [] });
}

/** Starts oidc-provider with its memory adapter and these clients. */
export async function startBare(clients: readonly RegisteredClient[]): Promise<ServerProcess> {
  const known = clients.map(({ clientId, secret, publicJwk }) => ({ clientId, secret, publicJwk }));
  return await start({ ...COMMON, engine: 'oidc-provider', database: '', clients: known });
}

async function start(options: TokenServerOptions): Promise<ServerProcess> {
  return await startServer('token-servers.ts', [JSON.stringify(options)]);
}
