import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { createAuthorizationServer, type AuthorizationServer } from '@mcp-m2m/authorization-server';

/** An authorization server with its administrative API, as `serve` starts it, and its first administrator. */
export interface StartedAuthorizationServer extends AsyncDisposable {
  readonly server: AuthorizationServer;
  readonly issuer: string;
  /** The file with the credential of the first administrator. */
  readonly credentialFile: string;
  /** What administrative commands need in their environment. */
  readonly administrator: Readonly<Record<string, string>>;
  /** Puts something before the server: a fault on the way. */
  intercept(before: (...args: Parameters<RequestListener>) => boolean): void;
}

export const MCP = 'https://mcp.example.com/mcp';

export async function startAuthorizationServer(): Promise<StartedAuthorizationServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mcp-m2m-'));
  let answer: RequestListener = (_request, response) => void response.destroy();
  let before: (...args: Parameters<RequestListener>) => boolean = () => false;
  const http = createServer((request, response) => {
    if (!before(request, response)) answer(request, response);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const server = await createAuthorizationServer({
    issuer,
    resources: [{ resource: MCP, scopes: ['deploy:read', 'deploy:write'] }],
    database: ':memory:',
    secretKey: crypto.getRandomValues(new Uint8Array(48)),
    adminApi: true,
  });
  answer = server.handler;
  const credentialFile = path.join(folder, 'administrator.json');
  await server.ensureBootstrapClient(credentialFile);
  return {
    server,
    issuer,
    credentialFile,
    administrator: { MCP_M2M_ADMIN_CREDENTIAL_FILE: credentialFile },
    intercept(listener) {
      before = listener;
    },
    async [Symbol.asyncDispose]() {
      http.close();
      http.closeAllConnections();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
