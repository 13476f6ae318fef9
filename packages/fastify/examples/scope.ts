import { mcpAuth } from '@mcp-m2m/fastify';
import Fastify from 'fastify';
import { mcp } from './mcp.ts';

const auth = mcpAuth({
  resource: 'https://mcp.example.com/services/mcp',
  authorizationServers: ['https://auth.example.com'],
});
export const app = Fastify().register(auth.metadata());
app.get('/health', () => 'well'); // open
void app.register(
  async (scope) => {
    await scope.register(auth.protect());
    scope.all('/mcp', mcp);
  },
  { prefix: '/services' },
);
