import { errors } from 'oidc-provider';

import type { TokenRefusalReason } from '../token-refusal-reason.ts';

/** Error codes that a grant is refused with. */
export type GrantErrorCode =
  | 'invalid_client'
  | 'invalid_dpop_proof'
  | 'invalid_grant'
  | 'invalid_request'
  | 'invalid_scope'
  | 'invalid_target'
  | 'temporarily_unavailable'
  | 'unauthorized_client'
  | 'use_dpop_nonce';

/** Why a grant is refused. */
export interface GrantRefusal {
  readonly error: GrantErrorCode;
  readonly reason: TokenRefusalReason;
  /** For the client: nothing that it could not know. */
  readonly description: string;
  /** For the operator; the description unless given. */
  readonly detail?: string | undefined;
  /** When asking again makes sense, where something else failed. */
  readonly retryAfterSeconds?: number | undefined;
  /** Headers that the answer must carry. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A refusal as the engine's error, with what only the operator is told. */
export interface GrantRefusalError extends Error {
  readonly operatorDetail?: string;
  readonly responseHeaders?: Readonly<Record<string, string>>;
}

const STATUS: Readonly<Partial<Record<GrantErrorCode, number>>> = {
  invalid_client: 401,
  temporarily_unavailable: 503,
};

/**
 * Makes the error that ends a token request with a refusal.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.2 | RFC 6749 §5.2}
 */
export function refuseGrant(refusal: GrantRefusal): GrantRefusalError {
  const { error, reason, description, detail, retryAfterSeconds, headers } = refusal;
  const status = STATUS[error] ?? 400;
  const retry = retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) };
  return Object.assign(new errors.CustomOIDCProviderError(error, description), {
    error_detail: reason,
    status,
    statusCode: status,
    operatorDetail: detail ?? description,
    responseHeaders: { ...headers, ...retry },
  });
}
