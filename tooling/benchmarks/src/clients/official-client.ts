import { auth, ClientCredentialsProvider } from '@modelcontextprotocol/client';
import { CLIENT_ID, CLIENT_SECRET, type TokenClient, type TokenScene } from './token-client.ts';

/** The SDK's own provider. Its transports present what it holds, and call `auth` when a server answers 401. */
export function officialClient({ authority, resource }: TokenScene): TokenClient {
  const provider = new ClientCredentialsProvider({
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    expectedIssuer: authority.issuer,
  });
  return {
    name: 'official client',
    async getToken() {
      const held = provider.tokens();
      if (held !== undefined) return held;
      await auth(provider, { serverUrl: resource });
      return provider.tokens();
    },
  };
}
