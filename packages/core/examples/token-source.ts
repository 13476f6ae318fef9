import { authorizedFetch, createTokenSource, privateKeyJwt } from '@mcp-m2m/core/client';
import { secretFromFile } from '@mcp-m2m/core/node';

const tokens = createTokenSource({
  resource: 'https://mcp.example.com/mcp', // the MCP server, as its metadata writes it
  issuer: 'https://auth.example.com', // the only server that the credential goes to
  clientId: 'nightly-report',
  authentication: privateKeyJwt({ key: secretFromFile('/run/secrets/client.pem'), algorithm: 'ES256' }),
  scopes: ['deploy:read', 'deploy:write'], // the most that may be asked for
});
const fetchFromServer = authorizedFetch(tokens);

const response = await fetchFromServer('https://mcp.example.com/mcp', {
  method: 'POST',
  headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json' },
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
});
console.log(response.status);
