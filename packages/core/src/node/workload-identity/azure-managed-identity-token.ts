import type { AssertionSource } from '../../client/grants/assertion-source.ts';
import { withoutSecrets } from '../../document-error.ts';
import { acceptAssertion } from './acceptable-assertion.ts';
import { locateManagedIdentity } from './azure-managed-identity-endpoint.ts';
import { entraAudience } from './entra-audience.ts';
import {
  askIdentityEndpoint,
  parseMembers,
  readJsonMember,
  type IdentityAnswer,
} from './identity-endpoint.ts';
import {
  assertSourceOptions,
  type AssertionSourceOptions,
  type HttpEndpointOptions,
} from './source-options.ts';

const NAME = 'Azure managed identity';

/** Options of {@link azureManagedIdentityToken}. */
export interface AzureManagedIdentityTokenOptions extends AssertionSourceOptions, HttpEndpointOptions {
  /**
   * The application ID URI that Entra ID makes the token for. Default: `api://AzureADTokenExchange` for Entra ID
   * itself, the issuer for any other authorization server.
   */
  readonly resource?: string | undefined;
  /** The client id of a user-assigned identity. Default: the one identity that the machine has. */
  readonly clientId?: string | undefined;
  /** The audience that the token has to have: an application's own id, for a token of version 2. Default: `resource`. */
  readonly audience?: string | undefined;
}

/**
 * A token of an Azure managed identity, made by Entra ID for the resource.
 *
 * Asks the endpoint of App Service, Functions and Container Apps where `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`
 * name one, and else the metadata service of the machine: by plain http, as there is no other, at the link-local
 * address 169.254.169.254 (or where `AZURE_POD_IDENTITY_AUTHORITY_HOST` says, on the local network).
 *
 * The platform caches a token until shortly before it expires: two uses may give the same.
 *
 * @throws TypeError for a wrong option
 * @see {@link https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token | Azure, tokens of managed identities on machines},
 *   {@link https://learn.microsoft.com/azure/app-service/overview-managed-identity | App Service}
 */
export function azureManagedIdentityToken(options: AzureManagedIdentityTokenOptions = {}): AssertionSource {
  assertSourceOptions(
    options,
    ['resource', 'clientId', 'audience', 'environment', 'fetch', 'timeoutMilliseconds'],
    'azureManagedIdentityToken',
  );
  return {
    name: NAME,
    async getAssertion(request) {
      const resource = options.resource ?? entraAudience(request.audience);
      const { url, headers, secret, hint } = locateManagedIdentity(NAME, options.environment);
      if (secret !== undefined) request.conceal(secret);
      url.searchParams.set('resource', resource);
      if (options.clientId !== undefined) url.searchParams.set('client_id', options.clientId);
      const answer = await askIdentityEndpoint({ source: NAME, url, headers, hint }, options, request);
      if (answer.status !== 200) throw describeRefusal(answer, hint);
      const audience = options.audience ?? resource;
      const audienceHint =
        'Entra ID names the application by its own id in tokens of version 2: if that is what the authorization server demands, give it as the option audience.';
      return acceptAssertion(
        readJsonMember(answer, 'access_token', hint),
        { source: NAME, from: withoutSecrets(url.href), audience, audienceHint },
        request,
      );
    },
  };
}

/** Codes that are documented, and what each is about. Any other text may be an echo of the question. */
const ADVICE: ReadonlyMap<unknown, string> = new Map([
  [
    'invalid_request',
    'Assign a managed identity to this machine or application; with several, choose one by the option clientId.',
  ],
  ['invalid_resource', 'Register the resource as the application ID URI of an application in the tenant.'],
  ['unauthorized_client', 'Assign a managed identity to this machine or application.'],
  ['access_denied', 'The tenant denies this identity a token for the resource.'],
]);

function describeRefusal(answer: IdentityAnswer, hint: string): Error {
  const code = parseMembers(answer.text)?.['error'];
  const advice = ADVICE.get(code);
  const received = `status ${answer.status}${advice === undefined ? '' : ` and ${String(code)}`}`;
  return answer.fail('status 200', received, advice ?? hint);
}
