import { jwtBearer } from '@mcp-m2m/core/client';
import {
  assertionFromCommand,
  assertionFromFile,
  awsWebIdentityToken,
  azureFederatedToken,
  azureManagedIdentityToken,
  detectWorkloadIdentity,
  githubActionsToken,
  googleMetadataToken,
  spiffeJwtSvid,
} from '@mcp-m2m/core/node';

// Each is read anew for every token request. Use one of them; these are their smallest forms.
export const github = jwtBearer({ assertion: githubActionsToken() });
export const google = jwtBearer({ assertion: googleMetadataToken() });
export const azurePod = jwtBearer({ assertion: azureFederatedToken() });
export const azureMachine = jwtBearer({
  assertion: azureManagedIdentityToken({ resource: 'api://mcp-auth' }),
});
export const aws = jwtBearer({ assertion: awsWebIdentityToken() });
export const spiffe = jwtBearer({ assertion: spiffeJwtSvid({ endpoint: 'unix:///run/spire/agent.sock' }) });
export const file = jwtBearer({ assertion: assertionFromFile('/run/identity/token.jwt') });
export const command = jwtBearer({
  assertion: assertionFromCommand('print-identity', (audience) => ['--audience', audience]),
});
export const detected = jwtBearer({ assertion: detectWorkloadIdentity() });
