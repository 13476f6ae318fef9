import { AssertionSourceError } from '../../client/grants/assertion-source.ts';
import { parseEndpointUrl } from './endpoint-url.ts';
import { readVariable, type Environment } from './environment.ts';
import { isLocalHost } from './local-network.ts';

/** Where the tokens of a managed identity are to be had. */
export interface ManagedIdentityEndpoint {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Among the headers, and not to be shown. */
  readonly secret?: string;
  /** What a person can do where it does not answer as it should. */
  readonly hint: string;
}

const LOCAL = 'loopback, link-local and private addresses';

/**
 * Finds the endpoint of managed identities in the environment.
 *
 * @throws AssertionSourceError for one that is not supported (Azure Arc, Service Fabric), or not on the local network
 */
export function locateManagedIdentity(
  source: string,
  environment: Environment | undefined,
): ManagedIdentityEndpoint {
  const endpoint = readVariable(environment, 'IDENTITY_ENDPOINT');
  if (endpoint === undefined) return locateMetadataService(source, environment);
  const secret = readVariable(environment, 'IDENTITY_HEADER');
  if (secret === undefined || readVariable(environment, 'IDENTITY_SERVER_THUMBPRINT') !== undefined) {
    throw new AssertionSourceError(source, {
      from: 'the environment',
      expected:
        'IDENTITY_ENDPOINT with IDENTITY_HEADER, as App Service, Functions and Container Apps set them',
      received: secret === undefined ? 'the endpoint alone' : 'IDENTITY_SERVER_THUMBPRINT too',
      hint: 'Azure Arc and Service Fabric ask for their tokens in ways of their own: write an AssertionSource.',
      passing: false,
    });
  }
  const url = parseEndpointUrl(endpoint, 'IDENTITY_ENDPOINT', source, isLocalHost, LOCAL);
  url.searchParams.set('api-version', '2019-08-01');
  return {
    url,
    headers: { accept: 'application/json', 'x-identity-header': secret },
    secret,
    hint: 'Enable a managed identity for this application, and restart it after that.',
  };
}

function locateMetadataService(
  source: string,
  environment: Environment | undefined,
): ManagedIdentityEndpoint {
  const variable = 'AZURE_POD_IDENTITY_AUTHORITY_HOST';
  const origin = readVariable(environment, variable) ?? 'http://169.254.169.254';
  const base = parseEndpointUrl(origin, variable, source, isLocalHost, LOCAL);
  const url = new URL('/metadata/identity/oauth2/token?api-version=2018-02-01', base);
  return {
    url,
    headers: { accept: 'application/json', metadata: 'true' },
    hint: 'Is this a machine in Azure, with a managed identity assigned?',
  };
}
