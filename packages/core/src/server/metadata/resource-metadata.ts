/** What a resource's metadata is generated from. */
export interface ResourceMetadataSource {
  readonly resource: string;
  readonly issuers: readonly string[];
  readonly scopesSupported: readonly string[];
  readonly dpopAlgorithms: readonly string[] | undefined;
  readonly dpopRequired: boolean;
  /** Whether tokens bound to a client certificate are expected. */
  readonly certificateBound: boolean;
  readonly resourceName: string | undefined;
  readonly resourceDocumentation: string | undefined;
}

/**
 * Generates the members of the protected resource metadata from what is enforced. Empty lists are left out.
 *
 * `offline_access` is never listed: it concerns the client and its authorization server alone.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-2 | RFC 9728 §2}
 */
export function createResourceMetadata(source: ResourceMetadataSource): Readonly<Record<string, unknown>> {
  const scopes = source.scopesSupported.filter((scope) => scope !== 'offline_access');
  return {
    resource: source.resource,
    authorization_servers: source.issuers,
    ...(scopes.length === 0 ? {} : { scopes_supported: scopes }),
    bearer_methods_supported: ['header'],
    ...(source.resourceName === undefined ? {} : { resource_name: source.resourceName }),
    ...(source.resourceDocumentation === undefined
      ? {}
      : { resource_documentation: source.resourceDocumentation }),
    ...(source.certificateBound ? { tls_client_certificate_bound_access_tokens: true } : {}),
    ...(source.dpopAlgorithms === undefined
      ? {}
      : {
          dpop_signing_alg_values_supported: source.dpopAlgorithms,
          dpop_bound_access_tokens_required: source.dpopRequired,
        }),
  };
}
