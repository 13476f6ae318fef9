import { auth0, authorizedFetch, clientSecretPost, createTokenSources } from '@mcp-m2m/core/client';
import { secretFromFile } from '@mcp-m2m/core/node';

const sources = createTokenSources({
  clientId: 'uJ4mQ2example',
  authentication: clientSecretPost({ clientSecret: secretFromFile('/run/secrets/client-secret') }),
  provider: auth0({
    domain: 'example.eu.auth0.com',
    audience: (resource) => resource, // each API in Auth0 has the URL of its server as its identifier
  }),
});
sources.sourceFor('https://deploy.example.com/mcp');
sources.sourceFor('https://tickets.example.com/mcp');

export const fetchFromServers = authorizedFetch(sources);
