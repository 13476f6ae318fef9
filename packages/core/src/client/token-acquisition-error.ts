import type { AssertionSourceError } from './grants/assertion-source.ts';
import { hintFor } from './token-acquisition-hint.ts';

/** Where on the way to a token it went wrong. */
export type TokenAcquisitionStep =
  | 'protected_resource_metadata'
  | 'authorization_server_metadata'
  | 'assertion'
  | 'client_authentication'
  | 'token_request'
  | 'token_response';

/** Why there is no token. The `invalid_…` and `un…_client/_type` codes are the authorization server's own. */
export type TokenAcquisitionErrorCode =
  | 'metadata_not_found'
  | 'metadata_unavailable'
  | 'metadata_invalid'
  | 'metadata_mismatch'
  | 'untrusted_url'
  | 'issuer_not_listed'
  | 'token_endpoint_missing'
  | 'grant_not_supported'
  | 'authentication_method_not_supported'
  | 'signing_algorithm_not_supported'
  | 'client_authentication_failed'
  | 'assertion_unavailable'
  | 'timeout'
  | 'unreachable'
  | 'unavailable'
  | 'redirected'
  | 'invalid_client'
  | 'invalid_dpop_proof'
  | 'invalid_grant'
  | 'invalid_request'
  | 'invalid_scope'
  | 'invalid_target'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'token_request_refused'
  | 'token_response_invalid'
  | 'token_type_not_supported'
  | 'use_dpop_nonce';

/** What {@link TokenAcquisitionError} is built from. */
export interface TokenAcquisitionErrorDetails {
  readonly step: TokenAcquisitionStep;
  /** The MCP server the token was for. */
  readonly resource: string;
  /** Who was asked: a URL without query. */
  readonly server: string;
  /** What would have been accepted, in words. */
  readonly expected: string;
  /** What came instead, sanitised and bounded. */
  readonly received: string;
  /** What a person can do; by default the advice that belongs to the code. */
  readonly hint?: string | undefined;
  /** Before this time nothing is asked again. */
  readonly retryAt?: Date | undefined;
  /** Seconds the server asked to wait, where it did. */
  readonly retryAfterSeconds?: number | undefined;
  /** Whether the client's credential was refused. Default false. */
  readonly credentialRefused?: boolean | undefined;
  readonly cause?: unknown;
}

/**
 * No token could be obtained: says at which step, with which server, what was expected and received, and
 * what to do.
 *
 * `code` and `step` are stable. Neither the message, the properties nor the cause hold a secret, an assertion or a
 * token of the exchange. Where the server or `fetch` repeats one, it is left out: in any case, in hexadecimal or
 * Base64, whole or in runs of at least 12 characters; a shorter piece of one, or one in another disguise, is not
 * recognised. Of what the client's authentication throws, a function that reads its secret included, the cause has
 * names and codes only: the message may hold what nobody else knows to be secret.
 */
export class TokenAcquisitionError extends Error {
  override readonly name = 'TokenAcquisitionError';
  readonly code: TokenAcquisitionErrorCode;
  readonly step: TokenAcquisitionStep;
  readonly resource: string;
  readonly server: string;
  readonly expected: string;
  readonly received: string;
  readonly hint: string;
  readonly retryAt: Date | undefined;
  readonly retryAfterSeconds: number | undefined;
  /**
   * Whether the authorization server refused the client's credential, by whatever code: `invalid_client`, or another
   * with status 401, as some identity providers have it.
   */
  readonly credentialRefused: boolean;

  constructor(code: TokenAcquisitionErrorCode, details: TokenAcquisitionErrorDetails) {
    const hint = details.hint ?? hintFor(code);
    const wait =
      details.retryAt === undefined ? '' : ` Not asked again before ${details.retryAt.toISOString()}.`;
    super(
      `No token for ${details.resource} (${STEPS[details.step]} at ${details.server}): expected ${details.expected}, received ${details.received}. ${hint}${wait}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    this.step = details.step;
    this.resource = details.resource;
    this.server = details.server;
    this.expected = details.expected;
    this.received = details.received;
    this.hint = hint;
    this.retryAt = details.retryAt;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.credentialRefused = details.credentialRefused ?? false;
  }
}

/** What a source of assertions said of itself, as the failure of an acquisition. */
export function assertionUnavailable(
  cause: AssertionSourceError,
  about: Pick<TokenAcquisitionErrorDetails, 'step' | 'resource' | 'server'>,
): TokenAcquisitionError {
  const { expected, received, hint } = cause;
  return new TokenAcquisitionError('assertion_unavailable', { ...about, expected, received, hint, cause });
}

/** The same failure, with the time before which nothing is asked again, for whichever resource it stands. */
export function postponeUntil(
  error: TokenAcquisitionError,
  retryAt: Date,
  resource = error.resource,
): TokenAcquisitionError {
  return new TokenAcquisitionError(error.code, {
    step: error.step,
    resource,
    server: error.server,
    expected: error.expected,
    received: error.received,
    hint: error.hint,
    retryAt,
    retryAfterSeconds: error.retryAfterSeconds,
    credentialRefused: error.credentialRefused,
    cause: error.cause,
  });
}

const STEPS: Readonly<Record<TokenAcquisitionStep, string>> = {
  protected_resource_metadata: 'protected resource metadata',
  authorization_server_metadata: 'authorization server metadata',
  assertion: 'assertion',
  client_authentication: 'client authentication',
  token_request: 'token request',
  token_response: 'token response',
};
