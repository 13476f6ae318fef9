import { clientSecretBasic, createTokenSource } from '@mcp-m2m/core/client';
import { secretFromEnvironment } from '@mcp-m2m/core/node';
import { createTokenTelemetry } from '@mcp-m2m/core/opentelemetry';

export const tokens = createTokenSource({
  resource: 'https://mcp.example.com/mcp',
  issuer: 'https://auth.example.com',
  clientId: 'nightly-report',
  authentication: clientSecretBasic({ clientSecret: secretFromEnvironment('CLIENT_SECRET') }),
  onEvent: createTokenTelemetry(), // the global providers, unless { meter, tracer } says otherwise
});
