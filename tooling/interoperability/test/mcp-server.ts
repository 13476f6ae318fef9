import { authorizedFetch, type TokenSource } from '@mcp-m2m/core/client';
import { mcpAuth, type Caller, type Decision, type McpAuthOptions } from '@mcp-m2m/express';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import express, { type RequestHandler } from 'express';
import { startHost } from './host.ts';

/** An MCP server behind this project's resource server. */
export interface ProtectedMcpServer {
  readonly resource: string;
  /** What the resource server decided, oldest first. */
  readonly decisions: Decision[];
  /** Says whose tokens are taken. Until then the server answers 503. */
  trust(authorizationServers: McpAuthOptions['authorizationServers']): void;
}

/**
 * Starts a server with the tool `whoami` for everybody with `deploy:read`, and `deploy` for `deploy:write`.
 *
 * @param options - further ones of the protection, such as its clock
 */
export async function startMcpServer(options: Partial<McpAuthOptions> = {}): Promise<ProtectedMcpServer> {
  const host = await startHost();
  const resource = `${host.origin}/mcp`;
  const decisions: Decision[] = [];
  return {
    resource,
    decisions,
    trust(authorizationServers) {
      const auth = mcpAuth({
        resource,
        authorizationServers,
        access: { scopes: ['deploy:read'], tools: { deploy: ['deploy:write'] } },
        onDecision: (decision) => decisions.push(decision),
        ...options,
      });
      const app = express();
      app.use(auth.metadata());
      app.all('/mcp', auth.protect(), toNodeHandler(handler) as unknown as RequestHandler);
      host.serve(app);
    },
  };
}

const handler = createMcpHandler(({ authInfo }) => {
  const caller = authInfo as Caller | undefined;
  const server = new McpServer({ name: 'deploy-desk', version: '1.0.0' });
  const answer = (text: string) => ({ content: [{ type: 'text' as const, text }] });
  server.registerTool('whoami', {}, () => answer(`${caller?.kind} ${caller?.clientId}`));
  server.registerTool('deploy', {}, () => answer('deployed'));
  return server;
});

/** Calls a tool through the official client, as a machine that has nothing but this source of tokens. */
export async function callTool(tokens: TokenSource, name = 'whoami'): Promise<string> {
  const client = new Client({ name: 'nightly-report', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(new URL(tokens.resource), {
    fetch: authorizedFetch(tokens),
  });
  await client.connect(transport);
  try {
    const { content } = await client.callTool({ name, arguments: {} });
    const [first] = content;
    return first?.type === 'text' ? first.text : JSON.stringify(content);
  } finally {
    await client.close();
  }
}
