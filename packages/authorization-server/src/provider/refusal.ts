import { REQUEST_TOO_LARGE } from '../http/token-request-form.ts';
import type { TokenRefusalReason } from '../token-refusal-reason.ts';
import { ASSERTION_EXPIRED } from './assertion-checks.ts';
import { grantGuidance, GRANT_TYPES } from './grant-guidance.ts';

/** A refused token request: what is answered, and why. */
export interface Refusal {
  readonly status: number;
  readonly error: string;
  readonly description: string;
  readonly reason: TokenRefusalReason;
  /** For the operator. */
  readonly detail: string;
  /** Headers that the answer carries. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

// The engine's own words for what it hides on the wire. They are matched exactly; the engine's version is
// pinned, and tests hold each one.

/** The detail of a refusal after the signature of an assertion was looked at. */
export const SIGNATURE_INVALID = 'signature verification failed';

const BODY_TOO_LARGE = 'request entity too large';

const REASONS = new Map<string, TokenRefusalReason>([
  ['invalid secret provided', 'secret_wrong'],
  [
    'the provided authentication mechanism does not match the registered client authentication method',
    'authentication_method_not_registered',
  ],
  ['alg mismatch', 'assertion_algorithm_not_allowed'],
  ['expiration must be specified in the client_assertion JWT', 'assertion_claim_missing'],
  ['unique jti (JWT ID) must be provided in the client_assertion JWT', 'assertion_claim_missing'],
  ['iss (JWT issuer) must be provided in the client_assertion JWT', 'assertion_claim_missing'],
  ['sub (JWT subject) must be provided in the client_assertion JWT', 'assertion_claim_missing'],
  ['aud (JWT audience) must be provided in the client_assertion JWT', 'assertion_claim_missing'],
  ['iss (JWT issuer) must be the client_id', 'assertion_issuer_not_client'],
  [
    'list of audience (aud) must include the endpoint url, issuer identifier or token endpoint url',
    'assertion_audience_not_issuer',
  ],
  [
    'audience (aud) must equal the endpoint url, issuer identifier or token endpoint url',
    'assertion_audience_not_issuer',
  ],
  [SIGNATURE_INVALID, 'assertion_signature_invalid'],
  ['no applicable key found in the JSON Web Key Set', 'assertion_key_unknown'],
  ['jwt expired', 'assertion_expired'],
  ['jwt not active yet', 'assertion_not_yet_valid'],
  ['client assertion tokens must only be used once', 'assertion_replayed'],
]);

const OWN_REASONS = new Set<string>([
  'actor_token_invalid',
  'address_not_allowed',
  'assertion_algorithm_not_allowed',
  'assertion_audience_not_issuer',
  'assertion_audience_token_endpoint',
  'assertion_claim_missing',
  'assertion_expired',
  'assertion_header_not_allowed',
  'assertion_issued_in_future',
  'assertion_issuer_not_client',
  'assertion_issuer_unavailable',
  'assertion_issuer_unknown',
  'assertion_key_unknown',
  'assertion_lifetime_too_long',
  'assertion_malformed',
  'assertion_not_yet_valid',
  'assertion_of_another_client',
  'assertion_replayed',
  'assertion_signature_invalid',
  'assertion_type_not_allowed',
  'authentication_method_not_registered',
  'client_ambiguous',
  'client_certificate_missing',
  'client_disabled',
  'client_expired',
  'client_keys_unavailable',
  'delegation_not_allowed',
  'delegation_too_deep',
  'dpop_nonce_required',
  'dpop_proof_invalid',
  'dpop_proof_missing',
  'dpop_proof_replayed',
  'grant_type_not_registered',
  'key_expired',
  'resource_missing',
  'resource_not_allowed',
  'resource_repeated',
  'scope_not_allowed',
  'secret_expired',
  'store_unavailable',
  'subject_token_invalid',
  'subject_token_revoked',
  'token_of_another_client',
  'throttled',
  'trust_rule_not_matched',
] satisfies TokenRefusalReason[]);

// Told only after the signature was verified, so to the holder of the client's key.
const DESCRIPTIONS = new Map<TokenRefusalReason, string>([
  ['assertion_expired', ASSERTION_EXPIRED],
  [
    'assertion_not_yet_valid',
    "the nbf of the assertion is in the future; check the clock of the client's machine",
  ],
  ['assertion_replayed', 'the assertion was used before; make a new one for every request'],
]);

/** An error of the engine, as far as it is read. */
export interface EngineError {
  readonly statusCode?: number | undefined;
  readonly error?: string | undefined;
  readonly message: string;
  readonly error_description?: string | undefined;
  readonly error_detail?: string | undefined;
  /** For the operator, where the client is told less. */
  readonly operatorDetail?: string | undefined;
  readonly responseHeaders?: Readonly<Record<string, string>> | undefined;
  readonly cause?: unknown;
}

/** What is known of a refused request. */
export interface RefusedRequest {
  /** `grant_type` as sent. */
  readonly grantType: unknown;
  /** Whether the client it claimed exists. */
  readonly clientKnown: boolean;
}

/**
 * Turns an error of the engine into what is answered and reported.
 *
 * A grant that is not offered is named before anything else, since no other part of such a request can be
 * right; that says nothing about the client, whose authentication was judged all the same.
 *
 * @param error - what the engine refused the request with
 * @param request - what is known of the request
 */
export function describeRefusal(error: EngineError, { grantType, clientKnown }: RefusedRequest): Refusal {
  if (typeof grantType === 'string' && grantType !== '' && !GRANT_TYPES.includes(grantType)) {
    const description = grantGuidance(grantType);
    return {
      status: 400,
      error: 'unsupported_grant_type',
      description,
      reason: 'grant_not_offered',
      detail: description,
    };
  }
  if (error.cause instanceof Error && error.cause.message === BODY_TOO_LARGE) {
    const { status, reason, detail } = REQUEST_TOO_LARGE;
    return { status, error: 'invalid_request', description: detail, reason, detail };
  }
  const code = error.error ?? error.message;
  if (code === 'invalid_client' && !clientKnown) {
    return {
      status: error.statusCode ?? 401,
      error: code,
      description: error.error_description ?? 'client authentication failed',
      reason: 'client_unknown',
      detail: 'no client of this id is registered',
    };
  }
  const reason = reasonOf(code, error.error_detail);
  const told = error.error_description ?? 'the request was refused';
  const description = (error.error_detail === reason ? undefined : DESCRIPTIONS.get(reason)) ?? told;
  return {
    status: error.statusCode ?? 400,
    error: code,
    description,
    reason,
    detail:
      error.operatorDetail ??
      (REASONS.has(error.error_detail ?? '') ? (error.error_detail ?? description) : description),
    headers: error.responseHeaders,
  };
}

function reasonOf(code: string, detail: string | undefined): TokenRefusalReason {
  if (detail !== undefined) {
    if (OWN_REASONS.has(detail)) return detail as TokenRefusalReason;
    const known = REASONS.get(detail);
    if (known !== undefined) return known;
  }
  switch (code) {
    case 'invalid_client':
      return 'assertion_malformed';
    case 'invalid_scope':
      return 'scope_not_allowed';
    case 'invalid_target':
      return 'resource_not_allowed';
    default:
      return 'request_malformed';
  }
}
