import { AssertionSourceError, type AssertionSource } from '../../client/grants/assertion-source.ts';
import { awsWebIdentityToken } from './aws-web-identity-token.ts';
import { azureFederatedToken } from './azure-federated-token.ts';
import { azureManagedIdentityToken } from './azure-managed-identity-token.ts';
import { readVariable, type Environment } from './environment.ts';
import { githubActionsToken } from './github-actions-token.ts';
import { googleMetadataToken } from './google-metadata-token.ts';
import { kubernetesServiceAccountToken } from './kubernetes-service-account-token.ts';
import {
  assertSourceOptions,
  type AssertionSourceOptions,
  type HttpEndpointOptions,
} from './source-options.ts';
import { spiffeJwtSvid } from './spiffe-jwt-svid.ts';

/** Options of {@link detectWorkloadIdentity}: handed on to the source that is found. */
export interface DetectWorkloadIdentityOptions extends AssertionSourceOptions, HttpEndpointOptions {}

/** A source, and by what in the environment it is known. */
interface Candidate {
  readonly factory: string;
  /** What is looked for, in words. */
  readonly sign: string;
  /** The variable that was found. */
  readonly find: (has: (name: string) => boolean) => string | undefined;
  readonly create: (options: DetectWorkloadIdentityOptions) => AssertionSource;
}

/**
 * Chooses the source of assertions by the variables that platforms set, now.
 *
 * Looks at variables only: nothing is asked and no file is read. A machine at Google or Azure has no such
 * variables, so its metadata service has to be chosen by name. Kubernetes counts where nothing else is found, as
 * every pod has a service account.
 *
 * @throws AssertionSourceError that lists what was found, if several could apply, or what was looked for
 * @throws TypeError for a wrong option
 */
export function detectWorkloadIdentity(options: DetectWorkloadIdentityOptions = {}): AssertionSource {
  const known = ['audience', 'environment', 'fetch', 'timeoutMilliseconds'];
  assertSourceOptions(options, known, 'detectWorkloadIdentity');
  const fail = (expected: string, received: string, hint: string): AssertionSourceError =>
    new AssertionSourceError('workload identity', {
      from: 'the environment',
      expected,
      received,
      hint,
      passing: false,
    });
  const specific = findAll(CANDIDATES, options.environment);
  const found = specific.length > 0 ? specific : findAll([KUBERNETES], options.environment);
  const [first, ...others] = found;
  if (first === undefined) {
    const signs = [...CANDIDATES, KUBERNETES].map(({ factory, sign }) => `${sign} (${factory})`);
    throw fail(
      `one of ${signs.join(', ')}`,
      'none of them',
      'A job of GitHub Actions needs `permissions: id-token: write`; a machine at Google or Azure has no such variables: use googleMetadataToken or azureManagedIdentityToken.',
    );
  }
  if (others.length > 0) {
    const list = found.map(({ candidate, variable }) => `${variable} (${candidate.factory})`);
    throw fail('a sign of one source', list.join(', '), 'Choose one of these by calling its function.');
  }
  return first.candidate.create(options);
}

function findAll(
  candidates: readonly Candidate[],
  environment: Environment | undefined,
): { candidate: Candidate; variable: string }[] {
  const has = (name: string): boolean => readVariable(environment, name) !== undefined;
  return candidates.flatMap((candidate) => {
    const variable = candidate.find(has);
    return variable === undefined ? [] : [{ candidate, variable }];
  });
}

/** Known by one variable, as far as no other has to be set with it. */
function knownBy(name: string, companion = name): Pick<Candidate, 'sign' | 'find'> {
  return {
    sign: name === companion ? name : `${name} with ${companion}`,
    find: (has) => (has(name) && has(companion) ? name : undefined),
  };
}

/** Those that somebody has to have set up for this workload. */
const CANDIDATES: readonly Candidate[] = [
  {
    factory: 'githubActionsToken',
    ...knownBy('ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'),
    create: githubActionsToken,
  },
  {
    factory: 'googleMetadataToken',
    sign: 'GCE_METADATA_HOST, CLOUD_RUN_JOB, K_SERVICE outside Kubernetes, GAE_SERVICE',
    find: (has) =>
      ['GCE_METADATA_HOST', 'CLOUD_RUN_JOB', 'K_SERVICE', 'GAE_SERVICE'].find(
        // Knative sets the same for its services in any cluster.
        (name) => has(name) && !(name === 'K_SERVICE' && has('KUBERNETES_SERVICE_HOST')),
      ),
    create: googleMetadataToken,
  },
  {
    factory: 'azureFederatedToken',
    ...knownBy('AZURE_FEDERATED_TOKEN_FILE'),
    create: ({ audience, environment }) => azureFederatedToken({ audience, environment }),
  },
  {
    factory: 'azureManagedIdentityToken',
    ...knownBy('IDENTITY_ENDPOINT', 'IDENTITY_HEADER'),
    create: ({ audience, ...options }) => azureManagedIdentityToken({ ...options, resource: audience }),
  },
  {
    factory: 'awsWebIdentityToken',
    ...knownBy('AWS_WEB_IDENTITY_TOKEN_FILE'),
    create: ({ audience, environment }) => awsWebIdentityToken({ audience, environment }),
  },
  {
    factory: 'spiffeJwtSvid',
    ...knownBy('SPIFFE_ENDPOINT_SOCKET'),
    create: ({ audience, environment, timeoutMilliseconds }) =>
      spiffeJwtSvid({ audience, environment, timeoutMilliseconds }),
  },
];

const KUBERNETES: Candidate = {
  factory: 'kubernetesServiceAccountToken',
  ...knownBy('KUBERNETES_SERVICE_HOST'),
  create: ({ audience }) => kubernetesServiceAccountToken({ audience }),
};
