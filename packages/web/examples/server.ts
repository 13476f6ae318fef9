import { mcpAuth } from '@mcp-m2m/web';
import { mcpHandler } from './mcp-handler.ts'; // your MCP server, unchanged

const auth = mcpAuth({
  resource: 'https://mcp.example.com/mcp',
  authorizationServers: ['https://auth.example.com'],
  access: { scopes: ['deploy:read'], tools: { start_deployment: ['deploy:write'] } },
});
const serve = auth.protectHandler(mcpHandler.fetch);

export default { fetch: (request: Request) => auth.metadata(request) ?? serve(request) };
