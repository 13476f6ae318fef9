import type { RequestListener } from 'node:http';
import { mcpAuth, type McpAuthOptions } from '@mcp-m2m/koa';
import { createDeployDesk, deployDeskAccess } from 'deploy-desk';
import { createStatelessListener } from 'deploy-desk/sdk-1';
import Koa from 'koa';

/** Where the sample stands. */
export interface AppOptions extends Pick<McpAuthOptions, 'resource' | 'onDecision'> {
  readonly authorizationServer: string;
}

/** The protected deploy desk as a Koa application, on the first line of the SDK. */
export function createApp({ authorizationServer, ...options }: AppOptions): RequestListener {
  const auth = mcpAuth({
    ...options,
    authorizationServers: [authorizationServer],
    access: deployDeskAccess,
    resourceName: 'Deploy desk',
  });
  const serve = createStatelessListener(createDeployDesk());

  const app = new Koa();
  app.use(auth.metadata());
  app.use(async (ctx, next) => (ctx.path === '/mcp' ? auth.protect()(ctx, next) : undefined));
  app.use(async (ctx) => {
    ctx.respond = false; // the SDK writes to Node's response
    await serve(ctx.req, ctx.res, auth.callerOf(ctx).clientId);
  });
  const callback = app.callback();
  return (request, response) => void callback(request, response);
}
