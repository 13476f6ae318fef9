import { errors } from 'oidc-provider';

import type { TokenRefusalReason } from '../token-refusal-reason.ts';

/** Longest time between now (or `iat`) and `exp` of an assertion. */
export const ASSERTION_LIFETIME_SECONDS = 300;

/** How far the clocks of client and server may be apart. */
export const CLOCK_TOLERANCE_SECONDS = 30;

/** What an assertion is judged by. */
export interface AssertionRules {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  /** The clock, in milliseconds. */
  readonly now: () => number;
  /** Whether the token endpoint is accepted as the one audience too. */
  readonly acceptTokenEndpoint?: boolean;
}

const ALLOWED_TYPES = new Set<unknown>([undefined, 'jwt', 'client-authentication+jwt']);

/**
 * Judges what the engine leaves open about a client assertion, after its signature was verified: so the
 * reason may be told, the caller holds the client's key.
 *
 * Does not verify the signature, the algorithm, issuer, subject or replay; the engine does, before and after.
 *
 * @throws errors.InvalidClientAuth with a description for the client and the reason as detail
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-3 | RFC 7523 §3},
 *   {@link https://datatracker.ietf.org/doc/draft-ietf-oauth-rfc7523bis/ | RFC 7523bis}
 */
export function assertAssertion(
  header: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>>,
  { issuer, tokenEndpoint, now, acceptTokenEndpoint = false }: AssertionRules,
): void {
  const type =
    typeof header['typ'] === 'string'
      ? header['typ'].toLowerCase().replace(/^application\//, '')
      : header['typ'];
  if (!ALLOWED_TYPES.has(type)) {
    throw refuse(
      'assertion_type_not_allowed',
      "the typ of the assertion must be absent, 'JWT' or 'client-authentication+jwt'",
    );
  }
  if (header['crit'] !== undefined || header['b64'] !== undefined) {
    throw refuse('assertion_header_not_allowed', 'the header of the assertion must not have crit or b64');
  }
  assertAudience(claims['aud'], issuer, tokenEndpoint, acceptTokenEndpoint);
  const { exp, iat, jti } = claims;
  if (typeof jti !== 'string' || jti === '') {
    throw refuse(
      'assertion_claim_missing',
      'the assertion must have a jti that is a text and new every time',
    );
  }
  const nowSeconds = now() / 1000;
  if (typeof exp !== 'number' || !Number.isFinite(exp)) {
    throw refuse('assertion_claim_missing', 'the assertion must have an exp in seconds since 1970');
  }
  if (exp + CLOCK_TOLERANCE_SECONDS <= nowSeconds) {
    throw refuse('assertion_expired', ASSERTION_EXPIRED);
  }
  if (iat !== undefined) {
    if (typeof iat !== 'number' || !Number.isFinite(iat)) {
      throw refuse('assertion_malformed', 'the iat of the assertion must be seconds since 1970');
    }
    if (iat - CLOCK_TOLERANCE_SECONDS > nowSeconds) {
      throw refuse(
        'assertion_issued_in_future',
        "the iat of the assertion is in the future; check the clock of the client's machine",
      );
    }
  }
  const longest = ASSERTION_LIFETIME_SECONDS + CLOCK_TOLERANCE_SECONDS;
  if (exp - nowSeconds > longest || (iat !== undefined && exp - iat > longest)) {
    throw refuse(
      'assertion_lifetime_too_long',
      `the assertion must expire within ${ASSERTION_LIFETIME_SECONDS} seconds of being made`,
    );
  }
}

/** Told to a client whose assertion is genuine but too old. */
export const ASSERTION_EXPIRED =
  "the assertion has expired; make a new one for every request and check the clock of the client's machine";

function assertAudience(
  audience: unknown,
  issuer: string,
  tokenEndpoint: string,
  acceptTokenEndpoint: boolean,
): void {
  // The issuer as the only member of an array names the same single audience (RFC 7519 §4.1.3).
  const sole = Array.isArray(audience) && audience.length === 1 ? (audience[0] as unknown) : audience;
  if (sole === issuer || (acceptTokenEndpoint && sole === tokenEndpoint)) return;
  const named = Array.isArray(audience) ? audience : [audience];
  throw named.includes(tokenEndpoint)
    ? refuse(
        'assertion_audience_token_endpoint',
        `the aud of the assertion must be the issuer, '${issuer}', and nothing else; the token endpoint is not accepted`,
      )
    : refuse(
        'assertion_audience_not_issuer',
        `the aud of the assertion must be the issuer, '${issuer}', and nothing else`,
      );
}

function refuse(reason: TokenRefusalReason, description: string): Error {
  return Object.assign(new errors.InvalidClientAuth(reason), { error_description: description });
}
