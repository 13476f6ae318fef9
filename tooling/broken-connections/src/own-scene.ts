import { createAuthorizationServer, type AuthorizationServer } from '@mcp-m2m/authorization-server';
import { mcpAuth } from '@mcp-m2m/express';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { createDeployDesk, createDeployDeskServer, deployDeskAccess } from 'deploy-desk';
import express from 'express';

import type { ConnectionSettings, StartedConnection } from './connection.ts';
import { CLIENT_ID, listen, secretsOf } from './scene.ts';

/** A connection whose tokens come from `@mcp-m2m/authorization-server`. */
export interface OwnScene {
  readonly server: AuthorizationServer;
  readonly url: string;
  readonly issuer: string;
  /** Moves the clock of the authorization server. */
  readonly advanceSeconds: (seconds: number) => void;
}

/**
 * Starts `@mcp-m2m/authorization-server` with one client, and a protected MCP server that takes its tokens.
 *
 * @param client - settings of the client, over those that are right; what it does before, breaks the connection
 */
export async function startOwnScene(
  client: (scene: OwnScene) => Promise<Partial<ConnectionSettings>>,
): Promise<StartedConnection> {
  const app = express();
  const mcp = await listen(app);
  const gate = express();
  const http = await listen(gate);
  const url = `${mcp.origin}/mcp`;
  let offsetMilliseconds = 0;
  const server = await createAuthorizationServer({
    issuer: http.origin,
    resources: [{ resource: url, scopes: ['deploy:read', 'deploy:write'] }],
    database: ':memory:',
    secretKey: crypto.getRandomValues(new Uint8Array(48)),
    now: () => Date.now() + offsetMilliseconds,
  });
  gate.use(server.handler);
  const auth = mcpAuth({ resource: url, authorizationServers: [http.origin], access: deployDeskAccess });
  const desk = createDeployDesk();
  app.use(auth.metadata());
  app.all(
    '/mcp',
    auth.protect(),
    toNodeHandler(createMcpHandler(({ authInfo }) => createDeployDeskServer(desk, authInfo?.clientId ?? ''))),
  );
  const stop = async (): Promise<void> => {
    await mcp.stop();
    await http.stop();
    await server.close();
  };
  try {
    const settings: ConnectionSettings = {
      url,
      issuer: http.origin,
      clientId: CLIENT_ID,
      timeoutMilliseconds: 5000,
      ...(await client({
        server,
        url,
        issuer: http.origin,
        advanceSeconds: (seconds) => {
          offsetMilliseconds += seconds * 1000;
        },
      })),
    };
    return { settings, secrets: secretsOf(settings), [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
