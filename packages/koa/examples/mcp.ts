import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Middleware } from 'koa';

export const mcp: Middleware = async (ctx) => {
  ctx.respond = false; // the SDK writes to Node's response
  const server = new McpServer({ name: 'example', version: '1.0.0' });
  const answer = (text: string) => ({ content: [{ type: 'text' as const, text }] });
  server.registerTool('list_deployments', {}, () => answer('none yet'));
  server.registerTool('start_deployment', {}, ({ authInfo }) => answer(`started by ${authInfo?.clientId}`));
  const transport = new StreamableHTTPServerTransport({});
  ctx.res.once('close', () => void server.close());
  await server.connect(transport);
  await transport.handleRequest(ctx.req, ctx.res);
};
