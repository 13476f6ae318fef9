import { readFile } from 'node:fs/promises';
import { authorizedFetch, createTokenSource, tlsClientAuth } from '@mcp-m2m/core/client';
import { createNodeFetch } from '@mcp-m2m/core/node';

const fetch = createNodeFetch({
  // Read for every new connection: a rotated certificate needs no restart.
  certificate: async () => ({
    cert: await readFile('/run/tls/client.crt', 'utf8'),
    key: await readFile('/run/tls/client.key', 'utf8'),
  }),
});
const tokens = createTokenSource({
  resource: 'https://mcp.example.com/mcp',
  issuer: 'https://auth.example.com',
  clientId: 'nightly-report',
  authentication: tlsClientAuth(),
  fetch, // presents the certificate to the authorization server
});
export const fetchFromServer = authorizedFetch(tokens, { fetch }); // and to the MCP server
