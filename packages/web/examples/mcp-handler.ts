import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';

/** An MCP server with one tool that everybody may call and one that not everybody may. */
export const mcpHandler = createMcpHandler(({ authInfo }) => {
  const server = new McpServer({ name: 'example', version: '1.0.0' });
  const answer = (text: string) => ({ content: [{ type: 'text' as const, text }] });
  server.registerTool('list_deployments', {}, () => answer('none yet'));
  server.registerTool('start_deployment', {}, () => answer(`started by ${authInfo?.clientId ?? 'nobody'}`));
  return server;
});
