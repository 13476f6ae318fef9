export {
  OAUTH_CLIENT_CREDENTIALS_EXTENSION,
  clientCredentialsCapabilities,
  type ClientCredentialsCapabilities,
} from './client-credentials-extension.ts';
export { parseIssuerIdentifier } from './issuer-identifier.ts';
export { assertKnownOptions } from './known-options.ts';
export { createNotifier } from './listener.ts';
export { isLoopbackHostname } from './loopback.ts';
export { printable, sanitizeText } from './printable-text.ts';
export { parseResourceIdentifier } from './resource-identifier.ts';
export { parseSecureUrl } from './secure-url.ts';
export {
  fetchAuthorizationServerMetadata,
  validateAuthorizationServerMetadata,
  type AuthorizationServerMetadata,
} from './authorization-server-metadata.ts';
export { cacheLifetimeSeconds } from './cache-lifetime.ts';
export { DocumentError, type DocumentErrorCode, type DocumentErrorDetails } from './document-error.ts';
export { type Fetch, type ExchangeOptions } from './bounded-document.ts';
export { fetchJsonDocument, type JsonDocument } from './json-document.ts';
export { assertScopes, isScopeToken, parseScope } from './scope.ts';
export { authorizationServerMetadataUrls, protectedResourceMetadataUrl } from './well-known.ts';
export { formatChallenge, parseChallenges, type Challenge } from './www-authenticate.ts';
