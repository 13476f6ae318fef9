import { createDpop, dpopFetch } from '@mcp-m2m/core/client';
import {
  Client,
  ClientCredentialsProvider,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';

const url = new URL('https://mcp.example.com/mcp');
const transport = new StreamableHTTPClientTransport(url, {
  // Any provider of the SDK, one for persons too: it need not know of DPoP.
  authProvider: new ClientCredentialsProvider({
    clientId: 'nightly-report',
    clientSecret: process.env.CLIENT_SECRET ?? '',
    expectedIssuer: 'https://auth.example.com',
  }),
  fetch: dpopFetch(createDpop()),
});
const client = new Client({ name: 'nightly-report', version: '1.0.0' });
await client.connect(transport);
