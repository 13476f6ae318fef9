import type { SigningAlgorithm } from './signing-key.ts';

/** Which well-known addresses answer: RFC 8414's, OpenID Connect's, or both. */
export const METADATA_KINDS = ['oauth', 'openid', 'both'] as const;
export type MetadataKind = (typeof METADATA_KINDS)[number];

/** Authorization server metadata; any member may be missing or wrong once a test has overridden it. */
export type AuthorityMetadata = Readonly<Record<string, unknown>>;

/** The paths and addresses that follow from an issuer. */
export interface AuthorityAddresses {
  readonly issuer: string;
  /** The well-known paths that answer. */
  readonly metadataPaths: readonly string[];
  readonly jwksPath: string;
  readonly tokenPath: string;
  readonly introspectionPath: string;
}

/**
 * Lays out an authority's addresses: RFC 8414 inserts its well-known before the issuer's path, OpenID Connect
 * appends it, and both drop the issuer's trailing slash first.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-3.1 | RFC 8414 §3.1},
 *   {@link https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationRequest | OIDC Discovery §4.1}
 */
export function layOutAddresses(origin: string, path: string, kind: MetadataKind): AuthorityAddresses {
  const prefix = path.replace(/\/$/, '');
  const oauth = `/.well-known/oauth-authorization-server${prefix}`;
  const openid = `${prefix}/.well-known/openid-configuration`;
  return {
    issuer: `${origin}${path}`,
    metadataPaths: kind === 'both' ? [oauth, openid] : [kind === 'oauth' ? oauth : openid],
    jwksPath: `${prefix}/jwks`,
    tokenPath: `${prefix}/token`,
    introspectionPath: `${prefix}/introspect`,
  };
}

/** Describes an authority truthfully, in the members that RFC 8414 and OpenID Connect Discovery ask for. */
export function describeAuthority(
  origin: string,
  addresses: AuthorityAddresses,
  algorithm: SigningAlgorithm,
): AuthorityMetadata {
  const authenticationMethods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];
  const assertionAlgorithms = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA'];
  return {
    issuer: addresses.issuer,
    // Never served: clients of the official SDK refuse metadata that does not name one.
    authorization_endpoint: `${origin}${addresses.tokenPath.replace(/token$/, 'authorize')}`,
    token_endpoint: `${origin}${addresses.tokenPath}`,
    jwks_uri: `${origin}${addresses.jwksPath}`,
    introspection_endpoint: `${origin}${addresses.introspectionPath}`,
    response_types_supported: ['code'],
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: authenticationMethods,
    token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    introspection_endpoint_auth_methods_supported: authenticationMethods,
    introspection_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    dpop_signing_alg_values_supported: assertionAlgorithms,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [algorithm],
  };
}
