import { mcpAuth } from '@mcp-m2m/web';
import { Hono } from 'hono';
import { mcpHandler } from './mcp-handler.ts';

const auth = mcpAuth({
  resource: 'https://mcp.example.com/mcp',
  authorizationServers: ['https://auth.example.com'],
});
const serve = auth.protectHandler(mcpHandler.fetch);

export const app = new Hono();
app.use((context, next) => auth.metadata(context.req.raw) ?? next());
app.all('/mcp', (context) => serve(context.req.raw));
