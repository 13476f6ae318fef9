import { claimInvalid, claimMissing } from './claim-failure.ts';
import { VerificationFailure } from './verification-failure.ts';

/** When a token is valid, in seconds since the epoch. */
export interface ValidityPeriod {
  readonly expiresAt: number;
  readonly notBefore: number | undefined;
  readonly issuedAt: number | undefined;
}

// Beyond this a number is milliseconds taken for seconds, not a date (RFC 7519 §2 NumericDate).
const MAX_NUMERIC_DATE = 100_000_000_000;

/**
 * Reads the times of a token.
 *
 * Does not compare them with the clock: {@link assertValidNow} does, on every use of the token.
 *
 * @throws VerificationFailure `claim_missing` or `claim_invalid`
 * @see {@link https://www.rfc-editor.org/rfc/rfc7519#section-4.1 | RFC 7519 §4.1}
 */
export function readValidityPeriod(claims: Readonly<Record<string, unknown>>): ValidityPeriod {
  const expiresAt = readNumericDate(claims, 'exp');
  if (expiresAt === undefined) throw claimMissing('exp');
  return { expiresAt, notBefore: readNumericDate(claims, 'nbf'), issuedAt: readNumericDate(claims, 'iat') };
}

/**
 * Refuses a token outside its validity period.
 *
 * @param nowSeconds - current time in seconds since the epoch
 * @param toleranceSeconds - how far the issuer's clock may be off
 * @throws VerificationFailure `token_expired` or `token_not_yet_valid`
 */
export function assertValidNow(period: ValidityPeriod, nowSeconds: number, toleranceSeconds: number): void {
  if (nowSeconds >= period.expiresAt + toleranceSeconds) {
    throw new VerificationFailure('token_expired', {
      expected: `"exp" after ${Math.floor(nowSeconds)}`,
      received: String(period.expiresAt),
      description: 'The access token has expired.',
    });
  }
  const start = Math.max(period.notBefore ?? 0, period.issuedAt ?? 0);
  if (start > nowSeconds + toleranceSeconds) {
    throw new VerificationFailure('token_not_yet_valid', {
      expected: `"nbf" and "iat" at ${Math.floor(nowSeconds)} or before`,
      received: String(start),
      description: 'The access token is not valid yet; compare the clocks of both servers.',
    });
  }
}

function readNumericDate(claims: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = claims[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !(value >= 0 && value < MAX_NUMERIC_DATE)) {
    throw claimInvalid(name, 'seconds since 1970', value);
  }
  return value;
}

/**
 * Refuses a token that lacks a claim, or whose identifying claims are not non-empty strings.
 *
 * @throws VerificationFailure `claim_missing` or `claim_invalid`
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-2.2 | RFC 9068 §2.2}
 */
export function assertRequiredClaims(
  claims: Readonly<Record<string, unknown>>,
  required: readonly string[],
): void {
  for (const name of required) {
    if (claims[name] === undefined) throw claimMissing(name);
  }
  for (const name of ['sub', 'client_id', 'jti']) {
    const value = claims[name];
    if (value !== undefined && (typeof value !== 'string' || value === '')) {
      throw claimInvalid(name, 'a text that is not empty', value);
    }
  }
}
