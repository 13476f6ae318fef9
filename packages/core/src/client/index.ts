export { type AccessToken } from './access-token.ts';
export {
  authorizedFetch,
  type AuthorizedFetch,
  type AuthorizedFetchOptions,
} from './requests/authorized-fetch.ts';
export {
  type ClientAuthentication,
  type ClientAuthenticationContext,
  type TokenRequest,
} from '../client-authentication/client-authentication.ts';
export {
  clientSecretBasic,
  type ClientSecretBasicOptions,
} from '../client-authentication/client-secret-basic.ts';
export {
  clientSecretPost,
  type ClientSecretPostOptions,
} from '../client-authentication/client-secret-post.ts';
export { type ClientSecret } from '../client-authentication/client-secret.ts';
export { privateKeyJwt, type PrivateKeyJwtOptions } from '../client-authentication/private-key-jwt.ts';
export {
  fetchProtectedResourceMetadata,
  validateProtectedResourceMetadata,
  type ProtectedResourceMetadata,
} from './discovery/protected-resource-metadata.ts';
export { type PrivateKey, type SigningAlgorithm } from '../client-authentication/signing-key.ts';
export {
  TokenAcquisitionError,
  type TokenAcquisitionErrorCode,
  type TokenAcquisitionErrorDetails,
  type TokenAcquisitionStep,
} from './token-acquisition-error.ts';
export {
  type NotReplayableEvent,
  type RenewalSuspendedEvent,
  type ResourceOmittedEvent,
  type ScopeWidenedEvent,
  type StepUpDeclinedEvent,
  type TokenEvent,
  type TokenEventListener,
  type TokenRequestEvent,
  type TokenRequestReason,
} from './token-event.ts';
export { type TokenSourceOptions } from './token-source-options.ts';
export {
  createTokenSource,
  type GetTokenOptions,
  type TokenRefusedReport,
  type TokenSource,
} from './token-source.ts';
