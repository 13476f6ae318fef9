import { auth0, clientSecretPost, createTokenSource } from '@mcp-m2m/core/client';
import { secretFromFile } from '@mcp-m2m/core/node';

export const tokens = createTokenSource({
  resource: 'https://mcp.example.com/mcp',
  clientId: 'uJ4mQ2example',
  authentication: clientSecretPost({ clientSecret: secretFromFile('/run/secrets/client-secret') }),
  provider: auth0({ domain: 'example.eu.auth0.com', audience: 'https://mcp.example.com/mcp' }), // the issuer too
});
