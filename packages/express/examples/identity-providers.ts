import { clientSecretBasic } from '@mcp-m2m/core/client';
import { mcpAuth } from '@mcp-m2m/express';

export const auth = mcpAuth({
  resource: 'https://mcp.example.com/mcp',
  authorizationServers: [
    // Tokens of RFC 9068, keys discovered.
    'https://auth.example.com',
    // Entra ID names applications, not URLs; its roles count as scopes.
    {
      issuer: 'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0',
      profile: 'entra',
      audience: { anyOf: ['11111111-2222-3333-4444-555555555555'] },
    },
    // Cognito's tokens name no audience: they are bound to clients instead.
    {
      issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_example',
      profile: 'cognito',
      audience: { clientIds: ['3n4b5urk1ft4fl3mg5e62d9ado'] },
    },
    // Opaque tokens: this server asks about each, with a client id of its own.
    {
      issuer: 'https://opaque.example.com',
      introspection: {
        clientId: 'mcp.example.com',
        authentication: clientSecretBasic({ clientSecret: () => process.env.INTROSPECTION_SECRET ?? '' }),
      },
    },
  ],
  dpop: { nonce: true }, // proofs carry a nonce of ours
  isRevoked: ({ jti }) => jti !== undefined && withdrawn.has(jti),
});

const withdrawn = new Set<string>();
