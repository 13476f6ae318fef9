import type { AssertionSource } from '../../client/grants/assertion-source.ts';
import { requireVariable } from './environment.ts';
import { createFileSource } from './file-source.ts';
import {
  assertSourceOptions,
  type AssertionSourceOptions,
  type EnvironmentOptions,
} from './source-options.ts';

const NAME = 'AWS web identity token';

/** Options of {@link awsWebIdentityToken}. */
export interface AwsWebIdentityTokenOptions extends AssertionSourceOptions, EnvironmentOptions {}

/**
 * The token that EKS mounts for IAM roles for service accounts, from the file that `AWS_WEB_IDENTITY_TOKEN_FILE`
 * names.
 *
 * It is made for `sts.amazonaws.com` as a rule, and whoever has such a one can assume the role: it is sent to an
 * authorization server only if the option `audience` says so. A projected token for the authorization server
 * (`kubernetesServiceAccountToken`) is the better choice.
 *
 * @throws TypeError for a wrong option
 * @see {@link https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html | EKS, IAM roles for service accounts}
 */
export function awsWebIdentityToken(options: AwsWebIdentityTokenOptions = {}): AssertionSource {
  assertSourceOptions(options, ['audience', 'environment'], 'awsWebIdentityToken');
  const { audience, environment } = options;
  return createFileSource({
    name: NAME,
    locate: () =>
      requireVariable(
        environment,
        'AWS_WEB_IDENTITY_TOKEN_FILE',
        NAME,
        'EKS sets it for pods whose service account has a role; restart the pod after adding one.',
      ),
    audienceFor: (request) => audience ?? request.audience,
    fileHint: 'Check that the volume of AWS_WEB_IDENTITY_TOKEN_FILE is mounted into this container.',
    audienceHint:
      'Whoever has a token for sts.amazonaws.com can assume the role: project a second one for this audience and use kubernetesServiceAccountToken.',
  });
}
