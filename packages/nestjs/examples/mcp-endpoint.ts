import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { All, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

const serve = toNodeHandler(
  createMcpHandler(({ authInfo }) => {
    const server = new McpServer({ name: 'example', version: '1.0.0' });
    const answer = (text: string) => ({ content: [{ type: 'text' as const, text }] });
    server.registerTool('list_deployments', {}, () => answer('none yet'));
    server.registerTool('start_deployment', {}, () => answer(`started by ${authInfo?.clientId ?? 'nobody'}`));
    return server;
  }),
);

/** An MCP server of the official SDK, as a controller to extend. */
export class McpEndpoint {
  @All()
  handle(@Req() request: Request, @Res() response: Response): Promise<void> {
    return serve(request, response, request.body);
  }
}
