import {
  authorizedFetch,
  clientSecretBasic,
  createTokenSource,
  privateKeyJwt,
  type ClientAuthentication,
} from '@mcp-m2m/core/client';
import { callTools } from './mcp-session.ts';
import { findNamedIssuer } from './named-issuer.ts';
import { contextValue, type Scenario } from './scenario.ts';

/** A machine with a credential of its own: a key, or a secret. */
export async function runClientCredentials(scenario: Scenario): Promise<void> {
  const tokens = createTokenSource({
    resource: scenario.serverUrl,
    issuer: await findNamedIssuer(scenario.serverUrl),
    clientId: contextValue(scenario, 'client_id'),
    authentication: authenticationOf(scenario),
  });
  await callTools(scenario, { fetch: authorizedFetch(tokens) });
}

function authenticationOf(scenario: Scenario): ClientAuthentication {
  const key = scenario.context.private_key_pem;
  return key === undefined
    ? clientSecretBasic({ clientSecret: contextValue(scenario, 'client_secret') })
    : privateKeyJwt({ key, algorithm: 'ES256' });
}
