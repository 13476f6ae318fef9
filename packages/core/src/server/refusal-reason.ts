/**
 * Why a request was refused: stable codes for logs, events and tests.
 *
 * The wire says less: {@link wireErrorOf} maps every reason to what the peer is told.
 */
export type RefusalReason =
  | 'credentials_missing'
  | 'credentials_malformed'
  | 'credentials_repeated'
  | 'token_malformed'
  | 'token_type_not_allowed'
  | 'algorithm_not_allowed'
  | 'issuer_unknown'
  | 'issuer_unavailable'
  | 'key_unknown'
  | 'key_ambiguous'
  | 'signature_invalid'
  | 'claim_missing'
  | 'claim_invalid'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'audience_mismatch'
  | 'sender_constraint_unmet'
  | 'proof_missing'
  | 'proof_invalid'
  | 'proof_replayed'
  | 'proof_nonce_required'
  | 'replay_store_unavailable'
  | 'token_inactive'
  | 'token_revoked'
  | 'revocation_unavailable'
  | 'session_of_another'
  | 'scope_insufficient'
  | 'user_required'
  | 'machine_required'
  | 'operation_not_allowed'
  | 'body_not_json'
  | 'body_not_json_rpc'
  | 'body_too_large'
  | 'media_type_not_supported';

/** What the peer is told: status, the OAuth error code of the challenge, the JSON-RPC code of the body. */
export interface WireError {
  readonly status: 400 | 401 | 403 | 404 | 413 | 415 | 503;
  /** `error` of RFC 6750 §3.1 or RFC 9449 §7.1; absent where no code fits or none may be sent. */
  readonly error?:
    | 'invalid_request'
    | 'invalid_token'
    | 'insufficient_scope'
    | 'invalid_dpop_proof'
    | 'use_dpop_nonce'
    | 'temporarily_unavailable';
  /** Code of the JSON-RPC error for refusals that follow the reading of the body. */
  readonly jsonRpcCode?: number;
}

/**
 * The one table from internal reason to wire code.
 *
 * 40300 lies outside the range that JSON-RPC and MCP reserve (−32768 to −32000).
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 | RFC 6750 §3.1}
 */
export function wireErrorOf(reason: RefusalReason): WireError {
  switch (reason) {
    case 'credentials_missing':
      return { status: 401 };
    case 'credentials_malformed':
    case 'credentials_repeated':
      return { status: 400, error: 'invalid_request' };
    case 'token_malformed':
    case 'token_type_not_allowed':
    case 'algorithm_not_allowed':
    case 'issuer_unknown':
    case 'key_unknown':
    case 'key_ambiguous':
    case 'signature_invalid':
    case 'claim_missing':
    case 'claim_invalid':
    case 'token_expired':
    case 'token_not_yet_valid':
    case 'audience_mismatch':
    case 'sender_constraint_unmet':
    case 'token_inactive':
    case 'token_revoked':
      return { status: 401, error: 'invalid_token' };
    case 'proof_missing':
    case 'proof_invalid':
    case 'proof_replayed':
      return { status: 401, error: 'invalid_dpop_proof' };
    case 'proof_nonce_required':
      return { status: 401, error: 'use_dpop_nonce' };
    case 'session_of_another':
      return { status: 404, jsonRpcCode: -32600 };
    case 'issuer_unavailable':
    case 'replay_store_unavailable':
    case 'revocation_unavailable':
      return { status: 503, error: 'temporarily_unavailable' };
    case 'scope_insufficient':
      return { status: 403, error: 'insufficient_scope', jsonRpcCode: 40300 };
    case 'user_required':
    case 'machine_required':
    case 'operation_not_allowed':
      return { status: 403, jsonRpcCode: 40300 };
    case 'body_not_json':
      return { status: 400, jsonRpcCode: -32700 };
    case 'body_not_json_rpc':
      return { status: 400, jsonRpcCode: -32600 };
    case 'body_too_large':
      return { status: 413, jsonRpcCode: -32600 };
    case 'media_type_not_supported':
      return { status: 415, jsonRpcCode: -32600 };
    default:
      return reason satisfies never;
  }
}
