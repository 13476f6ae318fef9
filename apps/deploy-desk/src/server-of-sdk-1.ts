import { clientCredentialsCapabilities } from '@mcp-m2m/core';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
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
