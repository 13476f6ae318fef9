export { type AccessToken, type TokenType } from './access-token.ts';
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
export { ClientSecretError, type ClientSecret } from '../client-authentication/client-secret.ts';
export {
  type AssertionAudience,
  type ClientAssertionOptions,
} from '../client-authentication/client-assertion.ts';
export {
  clientSecretJwt,
  type ClientSecretJwtOptions,
  type SymmetricAlgorithm,
} from '../client-authentication/client-secret-jwt.ts';
export { type ExternalSigner } from '../client-authentication/external-signer.ts';
export { noClientAuthentication } from '../client-authentication/no-client-authentication.ts';
export {
  type AssertionKeyOptions,
  type AssertionSignerOptions,
  type ExternalKeyOptions,
  type HeldKeyOptions,
} from '../client-authentication/assertion-signer.ts';
export {
  privateKeyJwt,
  type PrivateKeyAssertionOptions,
  type PrivateKeyJwtOptions,
} from '../client-authentication/private-key-jwt.ts';
export { selfSignedTlsClientAuth, tlsClientAuth } from '../client-authentication/tls-client-auth.ts';
export { DpopError, type DpopErrorCode, type DpopErrorDetails } from './dpop/dpop-error.ts';
export { dpopFetch, type DpopFetch, type DpopFetchOptions } from './dpop/dpop-fetch.ts';
export { createDpopKey, type DpopKey, type DpopKeyOptions, type DpopKeyPair } from './dpop/dpop-key.ts';
export { type DpopPeer } from './dpop/proof-nonces.ts';
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
  type CredentialRefusedEvent,
  type NotReplayableEvent,
  type RenewalSuspendedEvent,
  type ResourceOmittedEvent,
  type ScopeWidenedEvent,
  type StepUpDeclinedEvent,
  type StoreFailedEvent,
  type TokenEvent,
  type TokenEventListener,
  type TokenRequestEvent,
  type TokenRequestReason,
  type TokenSharedEvent,
} from './token-event.ts';
export { declareClientCredentials, type DeclaringClientOptions } from './sdk/declare-client-credentials.ts';
export {
  mcpAuthProvider,
  type McpAuthProvider,
  type McpUnauthorizedContext,
} from './sdk/mcp-auth-provider.ts';
export {
  mcpOAuthClientProvider,
  type McpDiscoveryState,
  type McpOAuthClientProvider,
} from './sdk/mcp-oauth-client-provider.ts';
export { createMemoryTokenStore, type MemoryTokenStoreOptions } from './store/memory-token-store.ts';
export { type TokenEncryptionKey } from './store/record-seal.ts';
export {
  createRedisTokenStore,
  type RedisCommand,
  type RedisTokenStoreOptions,
} from './store/redis-token-store.ts';
export {
  type RenewalLease,
  type SharedFailure,
  type StoredToken,
  type TokenRecord,
} from './store/token-record.ts';
export { TokenStoreError, type TokenStoreOperation } from './store/token-store-error.ts';
export { type TokenStore, type VersionedRecord } from './store/token-store.ts';
export {
  createDpop,
  type DpopProver,
  type DpopProverOptions,
  type ProofRequest,
} from './dpop/dpop-prover.ts';
export { type TokenClientOptions } from './client-options.ts';
export {
  AssertionSourceError,
  type AssertionRequest,
  type AssertionSource,
  type AssertionSourceErrorDetails,
} from './grants/assertion-source.ts';
export {
  type AuthorizationGrant,
  type GrantContext,
  type GrantParameters,
} from './grants/authorization-grant.ts';
export { clientCredentials } from './grants/client-credentials.ts';
export {
  enterpriseManaged,
  type EnterpriseIdentityProvider,
  type EnterpriseManagedOptions,
} from './grants/enterprise-managed.ts';
export { jwtBearer, type JwtBearerOptions } from './grants/jwt-bearer.ts';
export { type AssertionFunction } from './grants/read-assertion.ts';
export { selfSignedAssertion, type SelfSignedAssertionOptions } from './grants/self-signed-assertion.ts';
export { tokenExchange, type TokenExchangeOptions } from './grants/token-exchange.ts';
export { workloadAssertion, type WorkloadAssertionOptions } from './grants/workload-assertion.ts';
export { TOKEN_TYPES, type TokenTypeIdentifier } from './grants/token-types.ts';
export { recognizeProvider, type RecognizedProvider } from './providers/recognize-provider.ts';
export { createConcealment, type Concealment } from './token-endpoint/concealed-text.ts';
export { auth0, type Auth0Options } from './providers/auth0.ts';
export { cognito, type CognitoOptions } from './providers/cognito.ts';
export { entraId, type EntraIdCloud, type EntraIdOptions } from './providers/entra-id.ts';
export { keycloak, type KeycloakOptions } from './providers/keycloak.ts';
export { okta, type OktaOptions } from './providers/okta.ts';
export { pingOne, type PingOneOptions, type PingOneRegion } from './providers/ping-one.ts';
export {
  type ProviderProfile,
  type ProviderRefusal,
  type ScopesFor,
  type TokenParametersFor,
} from './providers/provider-profile.ts';
export {
  createTokenSources,
  type SourceOptions,
  type TokenSources,
  type TokenSourcesOptions,
} from './token-sources.ts';
export { type TokenSourceOptions } from './token-source-options.ts';
export {
  createTokenSource,
  type GetTokenOptions,
  type TokenRefusedReport,
  type TokenSource,
} from './token-source.ts';
