import { clientSecretJwt } from '@mcp-m2m/core/client';
import { secretFromFile } from '@mcp-m2m/core/node';

export const authentication = clientSecretJwt({
  clientSecret: secretFromFile('/run/secrets/client-secret'), // at least 32 bytes for HS256
  algorithm: 'HS256',
});
