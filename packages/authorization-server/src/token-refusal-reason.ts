/**
 * The true reason a token was refused, for the operator; the answer on the wire often says less.
 *
 * Reasons that start with `assertion_` concern the client assertion of `private_key_jwt`.
 */
export type TokenRefusalReason =
  | 'assertion_algorithm_not_allowed'
  | 'assertion_audience_not_issuer'
  | 'assertion_audience_token_endpoint'
  | 'assertion_claim_missing'
  | 'assertion_expired'
  | 'assertion_header_not_allowed'
  | 'assertion_issued_in_future'
  | 'assertion_issuer_not_client'
  | 'assertion_key_unknown'
  | 'assertion_lifetime_too_long'
  | 'assertion_malformed'
  | 'assertion_not_yet_valid'
  | 'assertion_replayed'
  | 'assertion_signature_invalid'
  | 'assertion_type_not_allowed'
  | 'authentication_method_not_registered'
  | 'grant_not_offered'
  | 'internal_failure'
  | 'method_not_allowed'
  | 'request_malformed'
  | 'request_too_large'
  | 'resource_missing'
  | 'resource_not_allowed'
  | 'resource_repeated'
  | 'scope_not_allowed'
  | 'secret_wrong'
  | 'server_stopping'
  | 'store_unavailable'
  | 'client_unknown';
