import { mcpAuth } from '@mcp-m2m/web';

export const auth = mcpAuth({
  resource: 'https://mcp.example.com/mcp',
  authorizationServers: ['https://auth.example.com'],
});
