const SPECIFICATION = 'https://modelcontextprotocol.io/specification/2026-07-28';
const MCP = `${SPECIFICATION}/basic/authorization` as const;
const STREAMABLE_HTTP = `${SPECIFICATION}/basic/transports/streamable-http` as const;
const VERSIONING = `${SPECIFICATION}/basic/versioning` as const;
const SESSIONS =
  'https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management';
const TOOLS = `${SPECIFICATION}/server/tools` as const;
const CLIENT_CREDENTIALS = 'https://modelcontextprotocol.io/extensions/auth/oauth-client-credentials';
const RFC = 'https://www.rfc-editor.org/rfc/';

/** Everything that can be found, and where it is explained. */
const LINKS = {
  // connection
  address_insecure: `${MCP}/security-considerations#communication-security`,
  address_refused: `${RFC}rfc9728#section-7.7`,
  name_unresolved: 'https://nodejs.org/api/dns.html#error-codes',
  unreachable: 'https://nodejs.org/api/errors.html#common-system-errors',
  tls_failed: 'https://nodejs.org/api/tls.html#x509-certificate-error-codes',
  certificate_expires_soon: `${RFC}rfc5280#section-4.1.2.5`,
  timed_out: 'https://nodejs.org/api/errors.html#common-system-errors',
  step_failed: 'https://github.com/mcp-m2m/mcp-m2m/issues',
  // challenge
  redirected: `${RFC}rfc9110#section-15.4`,
  not_an_mcp_endpoint: STREAMABLE_HTTP,
  legacy_transport: `${STREAMABLE_HTTP}#backward-compatibility`,
  answer_unreadable: `${RFC}rfc9112#section-2`,
  not_protected: `${MCP}/security-considerations#access-token-privilege-restriction`,
  judged_before_authentication: `${RFC}rfc6750#section-3`,
  refused_without_challenge: `${RFC}rfc9110#section-11.6.1`,
  challenge_missing: `${RFC}rfc9110#section-11.6.1`,
  challenge_without_metadata: `${RFC}rfc9728#section-5.1`,
  challenge_of_another_scheme: `${RFC}rfc9110#section-11.1`,
  server_failing: `${RFC}rfc9110#section-15.6`,
  // protected resource metadata
  resource_metadata_missing: `${RFC}rfc9728#section-3.1`,
  resource_metadata_invalid: `${RFC}rfc9728#section-3.2`,
  resource_metadata_elsewhere: `${RFC}rfc9728#section-7.7`,
  resource_mismatch: `${RFC}rfc9728#section-3.3`,
  resource_trailing_slash: `${RFC}rfc9728#section-3.3`,
  authorization_servers_missing: `${RFC}rfc9728#section-2`,
  issuer_ambiguous: `${RFC}rfc9728#section-2`,
  issuer_not_listed: `${MCP}/authorization-server-discovery#authorization-server-location`,
  issuer_spelled_differently: `${RFC}rfc8414#section-3.3`,
  // authorization server metadata
  authorization_server_metadata_missing: `${RFC}rfc8414#section-3`,
  authorization_server_metadata_invalid: `${RFC}rfc8414#section-3.2`,
  issuer_mismatch: `${RFC}rfc8414#section-3.3`,
  issuer_trailing_slash: `${RFC}rfc8414#section-3.3`,
  token_endpoint_missing: `${RFC}rfc8414#section-2`,
  // grant
  password_grant: `${RFC}rfc9700#section-2.4`,
  implicit_grant: `${RFC}rfc9700#section-2.1.2`,
  grant_needs_person: CLIENT_CREDENTIALS,
  pkce_without_authorization_code: `${RFC}rfc7636#section-4`,
  grant_not_offered: `${RFC}rfc8414#section-2`,
  only_people_can_sign_in: CLIENT_CREDENTIALS,
  authentication_method_not_offered: `${RFC}rfc8414#section-2`,
  signing_algorithm_not_offered: `${RFC}rfc8414#section-2`,
  dpop_required: `${RFC}rfc9449#section-5`,
  credential_needed: CLIENT_CREDENTIALS,
  // token request
  credential_refused: `${RFC}rfc6749#section-5.2`,
  credential_unusable: CLIENT_CREDENTIALS,
  grant_refused: `${RFC}rfc6749#section-5.2`,
  assertion_refused: `${RFC}rfc7523#section-3`,
  scope_refused: `${RFC}rfc6749#section-3.3`,
  resource_refused: `${RFC}rfc8707#section-2`,
  request_refused: `${RFC}rfc6749#section-5.2`,
  proof_refused: `${RFC}rfc9449#section-5`,
  token_endpoint_failing: `${RFC}rfc6749#section-3.2`,
  token_response_invalid: `${RFC}rfc6749#section-5.1`,
  // token
  token_opaque: `${RFC}rfc7662`,
  id_token: `${RFC}rfc9068#section-5`,
  token_issuer_differs: `${RFC}rfc9068#section-4`,
  token_issuer_trailing_slash: `${RFC}rfc9068#section-4`,
  audience_missing: `${RFC}rfc9068#section-3`,
  audience_differs: `${RFC}rfc8707#section-2.2`,
  audience_trailing_slash: `${RFC}rfc9068#section-4`,
  token_expired: `${RFC}rfc7519#section-4.1.4`,
  token_expiry_invalid: `${RFC}rfc9068#section-2.2`,
  token_not_yet_valid: `${RFC}rfc7519#section-4.1.5`,
  token_lives_long: `${RFC}rfc9700#section-2.2`,
  clock_skew: `${RFC}rfc7519#section-4.1.4`,
  scope_missing: `${RFC}rfc6750#section-3.1`,
  signing_key_unknown: `${RFC}rfc7517#section-4.5`,
  signature_invalid: `${RFC}rfc7515#section-5.2`,
  key_set_unavailable: `${RFC}rfc8414#section-2`,
  token_unsigned: `${RFC}rfc9068#section-2.1`,
  binding_ignored: `${RFC}rfc9449#section-6`,
  // handshake and tools
  token_refused: `${RFC}rfc6750#section-3.1`,
  authorization_header_lost: `${RFC}rfc6750#section-2.1`,
  person_required: CLIENT_CREDENTIALS,
  machine_required: CLIENT_CREDENTIALS,
  operation_not_allowed: `${RFC}rfc6750#section-3.1`,
  forbidden: `${RFC}rfc9110#section-15.5.4`,
  rate_limited: `${RFC}rfc6585#section-4`,
  handshake_failed: `${VERSIONING}#protocol-version-negotiation`,
  one_revision_only: `${VERSIONING}#backward-compatibility-with-initialization-based-versions`,
  session_header_lost: SESSIONS,
  session_lost: SESSIONS,
  tools_unavailable: TOOLS,
  tools_none: TOOLS,
  tool_list_endless: `${SPECIFICATION}/server/utilities/pagination`,
  tool_unknown: TOOLS,
  tool_not_called: TOOLS,
  tool_failed: TOOLS,
} as const;

/** What was found: stable, for programs. */
export type FindingCode = keyof typeof LINKS;

/** Every {@link FindingCode}. */
export const FINDING_CODES: readonly FindingCode[] = Object.keys(LINKS) as FindingCode[];

/** Where a finding is explained. */
export function linkOf(code: FindingCode): string {
  return LINKS[code];
}
