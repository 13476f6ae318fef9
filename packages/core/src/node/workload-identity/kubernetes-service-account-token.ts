import type { AssertionSource } from '../../client/grants/assertion-source.ts';
import { createFileSource } from './file-source.ts';
import { assertSourceOptions, type AssertionSourceOptions } from './source-options.ts';

/** Where every pod finds a token, unless it declines; it is one for the cluster's own API server. */
const DEFAULT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** Options of {@link kubernetesServiceAccountToken}. */
export interface KubernetesServiceAccountTokenOptions extends AssertionSourceOptions {
  /**
   * The projected token: `mountPath` of the volume and `path` of its `serviceAccountToken` source. Default: the
   * file that every pod has.
   */
  readonly path?: string | undefined;
}

/**
 * The token of a Kubernetes service account, from the file that the kubelet rotates.
 *
 * Its audience is what the pod's specification says, and cannot be chosen here: a projected volume with
 * `serviceAccountToken: { audience: <issuer>, path: … }` makes one for an authorization server. The file that
 * every pod has is a credential for the cluster's API server instead, and is not sent to anybody whose audience
 * it does not name.
 *
 * @throws TypeError for a wrong option
 * @see {@link https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#serviceaccount-token-volume-projection | Kubernetes, token volume projection}
 */
export function kubernetesServiceAccountToken(
  options: KubernetesServiceAccountTokenOptions = {},
): AssertionSource {
  assertSourceOptions(options, ['path', 'audience'], 'kubernetesServiceAccountToken');
  const { path = DEFAULT_PATH, audience } = options;
  return createFileSource({
    name: 'Kubernetes service account token',
    locate: () => path,
    audienceFor: (request) => audience ?? request.audience,
    fileHint:
      'Mount a projected volume with a serviceAccountToken source into the pod, and give its path as the option path.',
    audienceHint:
      "Set this audience at the serviceAccountToken source in the pod's specification, and give its path as the option path.",
  });
}
