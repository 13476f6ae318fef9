import { createTokenSource, privateKeyJwt } from '@mcp-m2m/core/client';
import { secretFromFile } from '@mcp-m2m/core/node';

export const tokens = createTokenSource({
  resource: 'https://mcp.example.com/mcp',
  issuer: 'https://auth.example.com',
  clientId: 'nightly-report',
  authentication: privateKeyJwt({ key: secretFromFile('/run/secrets/client.pem'), algorithm: 'ES256' }),
});
