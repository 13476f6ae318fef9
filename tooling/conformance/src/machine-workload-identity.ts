import { authorizedFetch, createTokenSource, jwtBearer, noClientAuthentication } from '@mcp-m2m/core/client';
import { callTools } from './mcp-session.ts';
import { findNamedIssuer } from './named-issuer.ts';
import { contextValue, type Scenario } from './scenario.ts';

/** A workload without a credential of its own: the token that its platform gave it is its proof. */
export async function runWorkloadIdentity(scenario: Scenario): Promise<void> {
  const tokens = createTokenSource({
    resource: scenario.serverUrl,
    issuer: await findNamedIssuer(scenario.serverUrl),
    clientId: contextValue(scenario, 'client_id'),
    authentication: noClientAuthentication(),
    grant: jwtBearer({ assertion: async () => contextValue(scenario, 'valid_jwt') }),
  });
  await callTools(scenario, { fetch: authorizedFetch(tokens) });
}
