import {
  authorizedFetch,
  clientSecretBasic,
  createTokenSource,
  enterpriseManaged,
  noClientAuthentication,
} from '@mcp-m2m/core/client';
import { callTools } from './mcp-session.ts';
import { findNamedIssuer } from './named-issuer.ts';
import { contextValue, type Scenario } from './scenario.ts';

/** A client whose enterprise decides: an ID token becomes an ID-JAG, and that an access token. */
export async function runEnterpriseManaged(scenario: Scenario): Promise<void> {
  const tokens = createTokenSource({
    resource: scenario.serverUrl,
    issuer: await findNamedIssuer(scenario.serverUrl),
    clientId: contextValue(scenario, 'client_id'),
    authentication: clientSecretBasic({ clientSecret: contextValue(scenario, 'client_secret') }),
    grant: enterpriseManaged({
      identityProvider: {
        issuer: contextValue(scenario, 'idp_issuer'),
        clientId: contextValue(scenario, 'idp_client_id'),
        authentication: noClientAuthentication(),
      },
      subjectToken: async () => contextValue(scenario, 'idp_id_token'),
      subject: 'the person of the scenario',
    }),
  });
  await callTools(scenario, { fetch: authorizedFetch(tokens) });
}
