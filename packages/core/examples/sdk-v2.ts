import {
  authorizedFetch,
  createTokenSource,
  declareClientCredentials,
  privateKeyJwt,
} from '@mcp-m2m/core/client';
import { secretFromFile } from '@mcp-m2m/core/node';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const tokens = createTokenSource({
  resource: 'https://mcp.example.com/mcp',
  issuer: 'https://auth.example.com',
  clientId: 'nightly-report',
  authentication: privateKeyJwt({ key: secretFromFile('/run/secrets/client.pem'), algorithm: 'ES256' }),
});
const client = new Client(
  { name: 'nightly-report', version: '1.0.0' },
  declareClientCredentials({ versionNegotiation: { mode: 'auto' } }), // 2026-07-28 where the server has it
);
const url = new URL('https://mcp.example.com/mcp');
await client.connect(new StreamableHTTPClientTransport(url, { fetch: authorizedFetch(tokens) }));
console.log(await client.listTools());
