import { authorizedFetch, clientSecretBasic, createTokenSource } from '@mcp-m2m/core/client';
import { createNodeFetch, secretFromFile } from '@mcp-m2m/core/node';

const fetch = createNodeFetch(); // public addresses only, and https
const tokens = createTokenSource({
  resource: 'https://mcp.example.com/mcp',
  issuer: 'https://auth.example.com',
  clientId: 'nightly-report',
  authentication: clientSecretBasic({ clientSecret: secretFromFile('/run/secrets/client-secret') }),
  fetch, // for discovery and token requests
});
export const fetchFromServer = authorizedFetch(tokens, { fetch }); // for requests to the MCP server
