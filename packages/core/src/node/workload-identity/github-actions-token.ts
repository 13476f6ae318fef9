import type { AssertionSource } from '../../client/grants/assertion-source.ts';
import { withoutSecrets } from '../../document-error.ts';
import { isLoopbackHostname } from '../../loopback.ts';
import { acceptAssertion } from './acceptable-assertion.ts';
import { parseEndpointUrl } from './endpoint-url.ts';
import { requireVariable } from './environment.ts';
import { askIdentityEndpoint, readJsonMember } from './identity-endpoint.ts';
import {
  assertSourceOptions,
  type AssertionSourceOptions,
  type HttpEndpointOptions,
} from './source-options.ts';

const NAME = 'GitHub Actions OIDC token';
const PERMISSION_HINT = 'Give the job `permissions: id-token: write`.';

/** Options of {@link githubActionsToken}. */
export interface GithubActionsTokenOptions extends AssertionSourceOptions, HttpEndpointOptions {}

/**
 * A token of a GitHub Actions job, made for the audience at every use.
 *
 * Asks where `ACTIONS_ID_TOKEN_REQUEST_URL` says (https, or http on loopback), with the job's own
 * `ACTIONS_ID_TOKEN_REQUEST_TOKEN`. The job needs `permissions: id-token: write`.
 *
 * @throws TypeError for a wrong option
 * @see {@link https://docs.github.com/actions/reference/security/oidc | GitHub, OpenID Connect reference}
 */
export function githubActionsToken(options: GithubActionsTokenOptions = {}): AssertionSource {
  assertSourceOptions(
    options,
    ['audience', 'environment', 'fetch', 'timeoutMilliseconds'],
    'githubActionsToken',
  );
  const { environment } = options;
  return {
    name: NAME,
    async getAssertion(request) {
      const audience = options.audience ?? request.audience;
      const variable = 'ACTIONS_ID_TOKEN_REQUEST_URL';
      const url = parseEndpointUrl(
        requireVariable(environment, variable, NAME, PERMISSION_HINT),
        variable,
        NAME,
        isLoopbackHostname,
        'loopback',
      );
      // As it stands: a query that is parsed and put together again may not be the one that was given.
      url.search += `${url.search === '' ? '?' : '&'}audience=${encodeURIComponent(audience)}`;
      const token = requireVariable(environment, 'ACTIONS_ID_TOKEN_REQUEST_TOKEN', NAME, PERMISSION_HINT);
      request.conceal(token);
      const headers = { accept: 'application/json', authorization: `Bearer ${token}` };
      const hint = 'See whether GitHub reports trouble with Actions.';
      const answer = await askIdentityEndpoint({ source: NAME, url, headers, hint }, options, request);
      if (answer.status !== 200) throw answer.fail('status 200', `status ${answer.status}`, PERMISSION_HINT);
      const from = withoutSecrets(url.href);
      const audienceHint = 'The endpoint did not heed the audience it was asked for.';
      return acceptAssertion(
        readJsonMember(answer, 'value', hint),
        { source: NAME, from, audience, audienceHint },
        request,
      );
    },
  };
}
