import { createTokenSource, jwtBearer, noClientAuthentication } from '@mcp-m2m/core/client';
import { kubernetesServiceAccountToken } from '@mcp-m2m/core/node';

export const tokens = createTokenSource({
  resource: 'https://mcp.example.com/mcp',
  issuer: 'https://auth.example.com',
  clientId: 'nightly-report',
  authentication: noClientAuthentication(), // the workload's token is the whole proof
  grant: jwtBearer({
    assertion: kubernetesServiceAccountToken({ path: '/var/run/secrets/mcp/token' }),
  }),
});
