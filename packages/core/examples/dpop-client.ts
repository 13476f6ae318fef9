import { authorizedFetch, createDpop, createTokenSource, privateKeyJwt } from '@mcp-m2m/core/client';
import { secretFromFile } from '@mcp-m2m/core/node';

const tokens = createTokenSource({
  resource: 'https://mcp.example.com/mcp',
  issuer: 'https://auth.example.com',
  clientId: 'nightly-report',
  authentication: privateKeyJwt({ key: secretFromFile('/run/secrets/client.pem'), algorithm: 'ES256' }),
  dpop: createDpop(), // a new ES256 key that cannot leave this process
});
export const fetchFromServer = authorizedFetch(tokens); // every request with a proof of its own
