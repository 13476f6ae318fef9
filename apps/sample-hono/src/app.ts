import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { mcpAuth, type McpAuthOptions } from '@mcp-m2m/web';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { createDeployDesk, createDeployDeskServer, deployDeskAccess } from 'deploy-desk';
import { Hono } from 'hono';

/** Where the sample stands. */
export interface AppOptions extends Pick<McpAuthOptions, 'resource' | 'onDecision'> {
  readonly authorizationServer: string;
}

/** The protected deploy desk as a Hono application, here on Node.js. */
export function createApp({ authorizationServer, ...options }: AppOptions): RequestListener {
  const desk = createDeployDesk();
  const auth = mcpAuth({
    ...options,
    authorizationServers: [authorizationServer],
    access: deployDeskAccess,
    resourceName: 'Deploy desk',
  });
  const handler = createMcpHandler(({ authInfo }) =>
    createDeployDeskServer(desk, authInfo?.clientId ?? 'unknown'),
  );
  const serve = auth.protectHandler(handler.fetch);

  const app = new Hono();
  app.use((context, next) => auth.metadata(context.req.raw) ?? next());
  app.all('/mcp', (context) => serve(context.req.raw));
  const listener = getRequestListener(app.fetch);
  return (request, response) => void listener(request, response);
}
