import { readFile } from 'node:fs/promises';
import { authorizedFetch, createTokenSource, privateKeyJwt } from '@mcp-m2m/core/client';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const tokens = createTokenSource({
  resource: 'https://mcp.example.com/mcp',
  issuer: 'https://auth.example.com', // pinned: the credential goes nowhere else
  clientId: 'nightly-report',
  authentication: privateKeyJwt({ key: await readFile('nightly-report.pem', 'utf8'), algorithm: 'ES256' }),
});
const url = new URL('https://mcp.example.com/mcp');
const client = new Client({ name: 'nightly-report', version: '1.0.0' });
await client.connect(new StreamableHTTPClientTransport(url, { fetch: authorizedFetch(tokens) }));
