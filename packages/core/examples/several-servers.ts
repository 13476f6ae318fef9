import { authorizedFetch, clientSecretBasic, createTokenSources } from '@mcp-m2m/core/client';
import { secretFromEnvironment } from '@mcp-m2m/core/node';

const sources = createTokenSources({
  issuer: 'https://auth.example.com',
  clientId: 'nightly-report',
  authentication: clientSecretBasic({ clientSecret: secretFromEnvironment('CLIENT_SECRET') }),
});
sources.sourceFor('https://deploy.example.com/mcp', { scopes: ['deploy:read'] });
sources.sourceFor('https://tickets.example.com/mcp');

const fetchFromServers = authorizedFetch(sources); // each of the two gets its own token, nobody else any
export const deployments = await fetchFromServers('https://deploy.example.com/mcp/deployments');
export const tickets = await fetchFromServers('https://tickets.example.com/mcp/tickets');
