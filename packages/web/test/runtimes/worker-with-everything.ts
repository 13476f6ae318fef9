// Runs in workerd: protection with every option that prepares something, made when the module is loaded.
import { clientSecretBasic, createMemoryReplayStore } from '@mcp-m2m/core/server';
import { mcpAuth } from '@mcp-m2m/web';

const auth = mcpAuth({
  resource: 'https://mcp.example.com/mcp',
  authorizationServers: [
    'https://auth.example.com',
    {
      issuer: 'https://opaque.example.com',
      introspection: {
        clientId: 'mcp.example.com',
        authentication: clientSecretBasic({ clientSecret: 'a test secret' }),
      },
    },
  ],
  dpop: { nonce: true, replayStore: createMemoryReplayStore() },
  clientCertificate: { from: 'header', name: 'x-client-certificate' },
  statusLists: { origins: ['https://status.example.com'] },
  isRevoked: () => false,
});
const serve = auth.protectHandler(() => new Response('served'));

export default { fetch: (request: Request) => auth.metadata(request) ?? serve(request) };
