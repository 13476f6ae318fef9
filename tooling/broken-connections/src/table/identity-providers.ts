import type { IdentityProvider, MintAsOptions, TokenClaims } from '@mcp-m2m/testing';

import type { BrokenConnection } from '../connection.ts';
import { startScene, type Scene } from '../scene.ts';

/** An identity provider that is known by the path of its issuer, and a token endpoint that answers as it does. */
function startProvider(
  path: string,
  provider: IdentityProvider,
  claims: TokenClaims,
  options: (scene: Scene) => MintAsOptions,
) {
  return startScene({
    authority: { path },
    prepare: (scene) => {
      const { authority, url } = scene;
      const shape = { audience: url, clientId: 'nightly-report', scopes: ['deploy:read'] };
      authority.endpoints.token.answerWith({
        json: {
          access_token: authority.mintAs(provider, claims, { ...shape, ...options(scene) }),
          token_type: 'Bearer',
          expires_in: 300,
        },
      });
    },
  });
}

function refusing(path: string, status: number, error: string, description: string) {
  return startScene({
    authority: { path },
    prepare: ({ authority }) => {
      authority.endpoints.token.answerWith({ status, json: { error, error_description: description } });
    },
  });
}

/** What goes wrong with identity providers that have ways of their own, and their mend. */
export const identityProviders: readonly BrokenConnection[] = [
  {
    id: 'keycloak-without-audience',
    title: 'Keycloak ignores "resource" and names no audience',
    verdict: 'audience_missing',
    says: /Keycloak.*audience mapper with the URL of the MCP server/,
    start: () => startProvider('/realms/main', 'keycloak', { aud: undefined }, () => ({})),
  },
  {
    id: 'keycloak-audience-account',
    title: 'Keycloak issues tokens for "account" alone',
    verdict: 'audience_differs',
    says: /"account".*audience mapper/,
    start: () => startProvider('/realms/main', 'keycloak', { aud: 'account' }, () => ({})),
  },
  {
    id: 'keycloak-without-service-account',
    title: 'The service account of the client is switched off in Keycloak',
    verdict: 'grant_refused',
    says: /Switch on the service account/,
    start: () =>
      refusing('/realms/main', 401, 'unauthorized_client', 'Client not enabled to retrieve service account'),
  },
  {
    id: 'okta-audience',
    title: 'Okta issues tokens for the one audience of its authorization server',
    verdict: 'audience_differs',
    says: /Okta\. Every token .* has the one audience that is configured there/,
    start: () => startProvider('/oauth2/default', 'okta', {}, () => ({ audience: 'api://default' })),
  },
  {
    id: 'okta-without-scope',
    title: 'Okta wants a scope of its authorization server',
    verdict: 'scope_refused',
    says: /okta\(\{ scopes \}\)/,
    start: () => refusing('/oauth2/default', 400, 'invalid_scope', 'One or more scopes are not configured'),
  },
];
