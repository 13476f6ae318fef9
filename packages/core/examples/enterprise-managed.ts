import { clientSecretBasic, createTokenSource, enterpriseManaged, privateKeyJwt } from '@mcp-m2m/core/client';
import { secretFromFile } from '@mcp-m2m/core/node';

export const tokens = createTokenSource({
  resource: 'https://mcp.example.com/mcp',
  issuer: 'https://auth.example.com', // the MCP server's authorization server
  clientId: 'assistant',
  authentication: clientSecretBasic({ clientSecret: secretFromFile('/run/secrets/client-secret') }),
  grant: enterpriseManaged({
    identityProvider: {
      issuer: 'https://login.enterprise.example', // where people sign in
      clientId: 'assistant-at-the-enterprise',
      authentication: privateKeyJwt({ key: secretFromFile('/run/secrets/idp.pem'), algorithm: 'ES256' }),
    },
    subjectToken: () => readIdToken(), // the ID token of the sign-in, read at every use
    subject: 'https://login.enterprise.example|alice',
  }),
});

async function readIdToken(): Promise<string> {
  return process.env.ID_TOKEN ?? '';
}
