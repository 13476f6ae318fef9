import { clientSecretBasic, createTokenSource } from '@mcp-m2m/core/client';
import { CLIENT_ID, CLIENT_SECRET, type TokenClient, type TokenScene } from './token-client.ts';

/** This project's token source. */
export function mcpM2m({ authority, resource }: TokenScene): TokenClient {
  const tokens = createTokenSource({
    resource,
    issuer: authority.issuer,
    clientId: CLIENT_ID,
    authentication: clientSecretBasic({ clientSecret: CLIENT_SECRET }),
  });
  return { name: 'mcp-m2m', getToken: () => tokens.getToken() };
}
