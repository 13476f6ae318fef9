import { mcpAuth } from '@mcp-m2m/fastify';
import Fastify from 'fastify';
import { mcp } from './mcp.ts'; // your MCP server, as a handler

const auth = mcpAuth({
  resource: 'https://mcp.example.com/mcp',
  authorizationServers: ['https://auth.example.com'],
  access: { scopes: ['deploy:read'], tools: { start_deployment: ['deploy:write'] } },
});
export const app = Fastify().register(auth.metadata()).register(auth.protect());
app.all('/mcp', mcp);
await app.listen({ port: Number(process.env.PORT ?? 3000) });
