import type { Configuration } from '../authorization-server-options.ts';
import { ASSERTION_ALGORITHMS } from '../keys/client-public-key.ts';
import { DPOP_ALGORITHMS } from '../grants/sender-binding.ts';
import { ID_JAG_PROFILE } from '../grants/grant-types.ts';
import type { Endpoints } from '../endpoints.ts';
import { SIGNING_ALGORITHMS } from '../keys/signing-algorithm.ts';
import { GRANT_TYPES } from './grant-guidance.ts';

/** Ways a client can authenticate at the token endpoint. */
export const CLIENT_AUTHENTICATION_METHODS = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
] as const;

/**
 * The server's metadata: what is enforced, and nothing else.
 *
 * It names an authorization endpoint although nobody can sign in, because MCP clients reject metadata
 * without one; that endpoint answers every request with a refusal that says what to do instead.
 *
 * @param issuer - the issuer identifier
 * @param endpoints - derived from the issuer
 * @param resources - scopes by resource
 * @param configuration - what else of it the metadata tells
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-2 | RFC 8414 §2}
 */
export function describeServer(
  issuer: string,
  endpoints: Endpoints,
  resources: ReadonlyMap<string, readonly string[]>,
  { clientCertificate }: Pick<Configuration, 'clientCertificate'>,
): Readonly<Record<string, unknown>> {
  return {
    issuer,
    authorization_endpoint: endpoints.authorization,
    token_endpoint: endpoints.token,
    jwks_uri: endpoints.jwks,
    scopes_supported: [...new Set([...resources.values()].flat())],
    response_types_supported: [],
    grant_types_supported: GRANT_TYPES,
    authorization_grant_profiles_supported: [ID_JAG_PROFILE],
    // None: an assertion can be the grant and the proof of its client in one.
    token_endpoint_auth_methods_supported: [...CLIENT_AUTHENTICATION_METHODS, 'none'],
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    dpop_signing_alg_values_supported: DPOP_ALGORITHMS,
    ...(clientCertificate === undefined ? {} : { tls_client_certificate_bound_access_tokens: true }),
    revocation_endpoint: endpoints.revocation,
    revocation_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION_METHODS,
    revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    introspection_endpoint: endpoints.introspection,
    introspection_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION_METHODS,
    introspection_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    introspection_signing_alg_values_supported: SIGNING_ALGORITHMS,
    status_list_aggregation_endpoint: endpoints.status,
  };
}

/**
 * The same metadata in the shape of OpenID Connect Discovery, for clients that know that document alone.
 *
 * Its two further members are mandatory there; no ID token is ever issued, so no algorithm is named.
 *
 * @see {@link https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata | OpenID Connect Discovery §3}
 */
export function describeServerForOpenId(
  metadata: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return { ...metadata, subject_types_supported: ['public'], id_token_signing_alg_values_supported: [] };
}
