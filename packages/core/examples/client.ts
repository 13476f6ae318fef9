import { authorizedFetch, clientSecretBasic, createTokenSource } from '@mcp-m2m/core/client';

const tokens = createTokenSource({
  resource: 'https://mcp.example.com/mcp',
  issuer: 'https://auth.example.com', // pinned: the credential goes nowhere else
  clientId: 'nightly-report',
  authentication: clientSecretBasic({ clientSecret: () => process.env.CLIENT_SECRET ?? '' }),
});
export const fetchFromServer = authorizedFetch(tokens); // for any HTTP code, and for the MCP SDK's transports
