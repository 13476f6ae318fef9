import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import { McpServer } from '@modelcontextprotocol/server';
import type { RouteHandlerMethod } from 'fastify';

export const mcp: RouteHandlerMethod = async (request, reply) => {
  reply.hijack(); // the SDK writes to Node's response
  const server = new McpServer({ name: 'example', version: '1.0.0' });
  const caller = request.auth?.clientId ?? 'nobody';
  const answer = (text: string) => ({ content: [{ type: 'text' as const, text }] });
  server.registerTool('list_deployments', {}, () => answer('none yet'));
  server.registerTool('start_deployment', {}, () => answer(`started by ${caller}`));
  const transport = new NodeStreamableHTTPServerTransport({});
  reply.raw.once('close', () => void server.close());
  await server.connect(transport);
  await transport.handleRequest(request.raw, reply.raw, request.body);
};
