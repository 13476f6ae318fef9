import { allowInsecureRequests, clientCredentialsGrant, discovery } from 'openid-client';
import { CLIENT_ID, CLIENT_SECRET, type TokenClient, type TokenScene } from './token-client.ts';

/** openid-client: remembers the metadata, and no token. */
export async function openidClient({ authority, resource }: TokenScene): Promise<TokenClient> {
  const configuration = await discovery(new URL(authority.issuer), CLIENT_ID, CLIENT_SECRET, undefined, {
    execute: [allowInsecureRequests],
  });
  return {
    name: 'openid-client',
    getToken: () => clientCredentialsGrant(configuration, { resource }),
  };
}
