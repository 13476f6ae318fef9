import { mcpAuth } from '@mcp-m2m/web';
import { Hono } from 'hono';

const auth = mcpAuth({
  resource: 'https://mcp.example.com/mcp',
  authorizationServers: ['https://auth.example.com'],
});

export const app = new Hono();
app.use((context, next) => auth.metadata(context.req.raw) ?? next());
app.use('/mcp', async (context, next) => {
  const result = await auth.protect(context.req.raw);
  if (result.ok) await next();
  // A response may have to carry headers, and may open a session of the caller's.
  context.res = result.ok ? result.finish(context.res) : result.response;
});
app.post('/mcp', async (context) => {
  const { id } = await context.req.json<{ id: number }>(); // as if nobody had read it
  const { clientId } = auth.callerOf(context.req.raw);
  return context.json({ jsonrpc: '2.0', id, result: { clientId } });
});
