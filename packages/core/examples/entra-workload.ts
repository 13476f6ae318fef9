import { createTokenSource, entraId, workloadAssertion } from '@mcp-m2m/core/client';
import { azureFederatedToken } from '@mcp-m2m/core/node';

export const tokens = createTokenSource({
  resource: 'https://mcp.example.com/mcp',
  clientId: '22222222-3333-4444-5555-666666666666',
  authentication: workloadAssertion({ assertion: azureFederatedToken() }),
  provider: entraId({
    tenantId: '9188040d-6c67-4c5b-b112-36a304b66dad',
    applicationIdUri: 'api://11111111-2222-3333-4444-555555555555',
  }),
});
