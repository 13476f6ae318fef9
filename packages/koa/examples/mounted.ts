import { mcpAuth } from '@mcp-m2m/koa';
import Koa from 'koa';
import mount from 'koa-mount';
import { mcp } from './mcp.ts';

const auth = mcpAuth({
  resource: 'https://mcp.example.com/services/mcp',
  authorizationServers: ['https://auth.example.com'],
});
const desk = new Koa().use(auth.protect()).use(mcp);
export const app = new Koa().use(auth.metadata()).use(mount('/services/mcp', desk));
app.use((ctx) => {
  ctx.body = 'open';
});
