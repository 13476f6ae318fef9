export { clientCertificateOf } from './client-certificate.ts';
export { announceAnswer } from './announce-answer.ts';
export { toIncomingRequest } from './incoming-request.ts';
export { createMetadataMiddleware, type ConnectMiddleware } from './metadata-middleware.ts';
export {
  authenticateRequest,
  authorizeRequest,
  protectRequest,
  type Answered,
  type Protected,
  type ProtectRequestOptions,
} from './protect-request.ts';
export { MAX_REQUEST_BODY_BYTES, readRequestBody, type RequestBody } from './request-body.ts';
export { writeAnswer } from './write-answer.ts';
export { createNodeFetch, type NodeFetch } from './fetch/node-fetch.ts';
export { NodeFetchError, type NodeFetchErrorCode } from './fetch/node-fetch-error.ts';
export { type NodeFetchOptions } from './fetch/node-fetch-options.ts';
export { type Lookup } from './fetch/judged-addresses.ts';
export {
  type NodeFetchCertificate,
  type Pem,
  type ReadCa,
  type ReadCertificate,
} from './fetch/tls-identity.ts';
export { secretFromEnvironment } from './secrets/secret-from-environment.ts';
export { secretFromFile, type SecretFromFileOptions } from './secrets/secret-from-file.ts';
export {
  assertionFromCommand,
  type AssertionFromCommandOptions,
  type CommandArguments,
} from './workload-identity/assertion-from-command.ts';
export { assertionFromFile } from './workload-identity/assertion-from-file.ts';
export {
  awsWebIdentityToken,
  type AwsWebIdentityTokenOptions,
} from './workload-identity/aws-web-identity-token.ts';
export {
  azureFederatedToken,
  type AzureFederatedTokenOptions,
} from './workload-identity/azure-federated-token.ts';
export {
  azureManagedIdentityToken,
  type AzureManagedIdentityTokenOptions,
} from './workload-identity/azure-managed-identity-token.ts';
export {
  detectWorkloadIdentity,
  type DetectWorkloadIdentityOptions,
} from './workload-identity/detect-workload-identity.ts';
export { type Environment } from './workload-identity/environment.ts';
export {
  githubActionsToken,
  type GithubActionsTokenOptions,
} from './workload-identity/github-actions-token.ts';
export {
  googleMetadataToken,
  type GoogleMetadataTokenOptions,
} from './workload-identity/google-metadata-token.ts';
export {
  kubernetesServiceAccountToken,
  type KubernetesServiceAccountTokenOptions,
} from './workload-identity/kubernetes-service-account-token.ts';
export {
  type AssertionSourceOptions,
  type EndpointOptions,
  type EnvironmentOptions,
  type HttpEndpointOptions,
} from './workload-identity/source-options.ts';
export { spiffeJwtSvid, type SpiffeJwtSvidOptions } from './workload-identity/spiffe-jwt-svid.ts';
