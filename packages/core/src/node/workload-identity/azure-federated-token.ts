import type { AssertionSource } from '../../client/grants/assertion-source.ts';
import { entraAudience } from './entra-audience.ts';
import { requireVariable } from './environment.ts';
import { createFileSource } from './file-source.ts';
import {
  assertSourceOptions,
  type AssertionSourceOptions,
  type EnvironmentOptions,
} from './source-options.ts';

const NAME = 'Azure federated token';

/** Options of {@link azureFederatedToken}. */
export interface AzureFederatedTokenOptions extends AssertionSourceOptions, EnvironmentOptions {}

/**
 * The token that Azure's workload identity mounts into a pod, from the file that `AZURE_FEDERATED_TOKEN_FILE`
 * names.
 *
 * It is made for Entra ID (`api://AzureADTokenExchange`), which is what an authorization server at Entra ID's own
 * address is given. Another one could sign in to Azure with it: it is sent there only if the option `audience`
 * says so. A projected token for that server (`kubernetesServiceAccountToken`) is the better choice.
 *
 * @throws TypeError for a wrong option
 * @see {@link https://learn.microsoft.com/azure/aks/workload-identity-overview | AKS, workload identity}
 */
export function azureFederatedToken(options: AzureFederatedTokenOptions = {}): AssertionSource {
  assertSourceOptions(options, ['audience', 'environment'], 'azureFederatedToken');
  const { audience, environment } = options;
  return createFileSource({
    name: NAME,
    locate: () =>
      requireVariable(
        environment,
        'AZURE_FEDERATED_TOKEN_FILE',
        NAME,
        'Label the pod azure.workload.identity/use: "true"; the webhook sets it when the pod starts.',
      ),
    audienceFor: (request) => audience ?? entraAudience(request.audience),
    fileHint: 'Check that the volume of AZURE_FEDERATED_TOKEN_FILE is mounted into this container.',
    audienceHint:
      'Whoever has a token for api://AzureADTokenExchange can sign in to Azure with it: project a second one for this audience and use kubernetesServiceAccountToken.',
  });
}
