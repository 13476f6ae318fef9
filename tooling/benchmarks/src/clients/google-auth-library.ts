import { IdentityPoolClient } from 'google-auth-library';
import type { TokenClient, TokenScene } from './token-client.ts';

/**
 * google-auth-library: a workload's token is exchanged for another. Its clients for service accounts know no
 * address but Google's; this one can be given another. The test authority has no such grant, and is told what to answer.
 */
export function googleAuthLibrary({ authority, resource }: TokenScene): TokenClient {
  authority.endpoints.token.answerWith(() => ({
    json: {
      access_token: authority.mint({ aud: resource }),
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      token_type: 'Bearer',
      expires_in: 3600,
    },
  }));
  const client = new IdentityPoolClient({
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/jobs/providers/ci',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: authority.tokenEndpoint,
    subject_token_supplier: { getSubjectToken: () => Promise.resolve('the-token-of-a-workload') },
  });
  return { name: 'google-auth-library', getToken: () => client.getAccessToken() };
}
