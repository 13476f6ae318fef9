import { mcpAuth } from '@mcp-m2m/express';

export const auth = mcpAuth({
  resource: 'https://mcp.example.com/mcp',
  authorizationServers: ['https://auth.example.com'],
  access: {
    scopes: ['deploy:read'], // every request
    tools: {
      start_deployment: {
        scopes: ['deploy:write'],
        // Of the arguments: production asks for more.
        rule: ({ arguments: given }) =>
          (given as { environment?: unknown } | undefined)?.environment !== 'production' || {
            scopes: ['deploy:production'],
          },
      },
      approve_production: { scopes: ['deploy:approve'], caller: 'user' }, // never a machine
      rotate_credentials: { anyOf: ['admin', 'security'], clients: ['vault'] },
    },
    resources: { 'logs://{environment}/latest': ['logs:read'] },
    methods: { 'logging/setLevel': ['admin'] },
    clients: { 'nightly-report': { tools: ['list_deployments'] } }, // this client, nothing else
    unlistedTools: 'refuse',
    scopeHierarchy: { 'deploy:write': ['deploy:read'], admin: ['deploy:write', 'logs:read'] },
  },
  onDecision: ({ outcome, reason, expected, received, clientId, operations }) => {
    if (outcome === 'refused') console.warn({ reason, expected, received, clientId, operations });
  },
});
