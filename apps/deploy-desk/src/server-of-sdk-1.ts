import { clientCredentialsCapabilities } from '@mcp-m2m/core';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { DeployDesk } from './desk.ts';
import { deployDeskTools } from './tools.ts';

/**
 * The MCP server of one request, by the first line of the SDK.
 *
 * @param desk - what all requests share
 * @param caller - who calls, for the records
 */
export function createDeployDeskServer(desk: DeployDesk, caller: string): McpServer {
  const server = new McpServer(
    { name: 'deploy-desk', version: '1.0.0' },
    { capabilities: { ...clientCredentialsCapabilities() } },
  );
  for (const { name, description, inputSchema, run } of deployDeskTools) {
    server.registerTool(name, { description, inputSchema: inputSchema.shape }, (input: unknown) =>
      run(desk, caller, input),
    );
  }
  return server;
}

/**
 * Serves requests without sessions: every one gets an MCP server of its own.
 *
 * @param caller - who calls, for the records
 */
export function createStatelessListener(
  desk: DeployDesk,
): (request: IncomingMessage, response: ServerResponse, caller: string) => Promise<void> {
  return async (request, response, caller) => {
    const server = createDeployDeskServer(desk, caller);
    const transport = new StreamableHTTPServerTransport({});
    response.once('close', () => void server.close());
    await server.connect(transport);
    await transport.handleRequest(request, response);
  };
}
