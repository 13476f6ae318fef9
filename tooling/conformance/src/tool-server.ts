import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { mcpAuth, type Caller } from '@mcp-m2m/web';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';

/** A protected MCP server with the one tool that the suite's client scenarios call. */
export interface ToolServer extends AsyncDisposable {
  readonly resource: string;
  /** Who called the tool: kind, client and subject, oldest first. */
  readonly callers: readonly string[];
}

/** Starts it on a free port of loopback, trusting one authorization server. */
export async function startToolServer(issuer: string): Promise<ToolServer> {
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const resource = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
  const callers: string[] = [];
  const auth = mcpAuth({
    resource,
    authorizationServers: [issuer],
    access: { scopes: ['deploy:read'] },
  });
  const handler = createMcpHandler(({ authInfo }) => {
    const { kind, clientId, subject } = authInfo as Caller;
    const server = new McpServer({ name: 'conformance', version: '1.0.0' });
    server.registerTool('test-tool', {}, () => {
      callers.push(`${kind} ${clientId} ${subject}`);
      return { content: [{ type: 'text', text: 'called' }] };
    });
    return server;
  });
  const serve = auth.protectHandler(handler.fetch);
  const listener = getRequestListener((request) => auth.metadata(request) ?? serve(request));
  http.on('request', (request, response) => void listener(request, response));
  return {
    resource,
    callers,
    [Symbol.asyncDispose]: async () => {
      http.close();
      http.closeAllConnections();
    },
  };
}
