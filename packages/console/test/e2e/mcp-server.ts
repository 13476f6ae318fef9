import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { mcpAuth } from '@mcp-m2m/express';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import express from 'express';
import { z } from 'zod';

/** A protected MCP server whose tools a test chooses. */
export interface TestMcpServer extends AsyncDisposable {
  readonly url: string;
  /** Names and descriptions of its tools; read at every request. */
  tools: readonly { readonly name: string; readonly description?: string }[];
}

/**
 * Starts an MCP server that trusts an authorization server.
 *
 * @param issuer - the authorization server
 */
export async function startMcpServer(issuer: string): Promise<TestMcpServer> {
  const app = express();
  const http = createServer(app);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
  const auth = mcpAuth({
    resource: url,
    authorizationServers: [issuer],
    access: { scopes: ['deploy:read'] },
  });
  const started: TestMcpServer = {
    url,
    tools: [
      { name: 'list_deployments', description: 'Lists what is deployed.' },
      { name: 'start_deployment', description: 'Starts a deployment.' },
    ],
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'test', version: '1.0.0' });
    for (const { name, description = '' } of started.tools) {
      server.registerTool(name, { description, inputSchema: z.object({}) }, () => ({ content: [] }));
    }
    return server;
  });
  app.use(auth.metadata());
  app.all('/mcp', auth.protect(), toNodeHandler(handler));
  return started;
}
