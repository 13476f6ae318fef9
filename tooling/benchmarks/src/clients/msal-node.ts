import { ConfidentialClientApplication, ProtocolMode } from '@azure/msal-node';
import { CLIENT_ID, CLIENT_SECRET, type TokenClient, type TokenScene } from './token-client.ts';

/** MSAL Node, with the metadata handed to it: it refuses to look for any that is not served over https. */
export function msalNode({ authority, resource }: TokenScene): TokenClient {
  const { host } = new URL(authority.issuer);
  const application = new ConfidentialClientApplication({
    auth: {
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      authority: `https://${host}/`,
      knownAuthorities: [host],
      authorityMetadata: JSON.stringify(authority.metadata),
    },
    system: { protocolMode: ProtocolMode.OIDC },
  });
  const scopes = [`${resource}/.default`];
  return {
    name: 'MSAL Node',
    getToken: () => application.acquireTokenByClientCredential({ scopes }),
  };
}
