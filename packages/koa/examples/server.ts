import { mcpAuth } from '@mcp-m2m/koa';
import Koa from 'koa';
import { mcp } from './mcp.ts'; // your MCP server, as middleware

const auth = mcpAuth({
  resource: 'https://mcp.example.com/mcp',
  authorizationServers: ['https://auth.example.com'],
  access: { scopes: ['deploy:read'], tools: { start_deployment: ['deploy:write'] } },
});
const app = new Koa().use(auth.metadata()).use(auth.protect()).use(mcp);
export const server = app.listen(Number(process.env.PORT ?? 3000));
