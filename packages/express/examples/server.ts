import { mcpAuth } from '@mcp-m2m/express';
import { toNodeHandler } from '@modelcontextprotocol/node';
import express from 'express';
import { mcpHandler } from './mcp-handler.ts'; // your MCP server, unchanged

const auth = mcpAuth({
  resource: 'https://mcp.example.com/mcp',
  authorizationServers: ['https://auth.example.com'],
  access: { scopes: ['deploy:read'], tools: { start_deployment: ['deploy:write'] } },
});
const app = express();
app.use(auth.metadata());
app.all('/mcp', auth.protect(), toNodeHandler(mcpHandler));
export const server = app.listen(Number(process.env.PORT ?? 3000));
