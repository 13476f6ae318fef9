import { readScopeText, readText } from '../profiles/claim-readers.ts';
import type { ProfiledClaims } from '../profiles/token-profile.ts';
import { readActors } from '../actors.ts';
import { freezeDeep, type VerifiedToken } from '../access-token.ts';
import { claimInvalid } from '../claim-failure.ts';
import { assertValidNow, readValidityPeriod } from '../claims.ts';
import type { TrustedIssuer } from '../trusted-issuer.ts';
import { VerificationFailure } from '../verification-failure.ts';

// What some servers call the kind of a token beside or instead of `token_type`.
const KIND_MEMBERS = ['token_type', 'token_use', 'typ'];
const OTHER_KINDS = /refresh|id[_-]?token|^id$/i;
const ACCESS_KINDS = /^(?:bearer|dpop)$/i;

/**
 * Judges the answer of an introspection endpoint as a verified token.
 *
 * @param lifetimeSeconds - how long a token without expiry counts as valid
 * @throws VerificationFailure
 * @see {@link https://www.rfc-editor.org/rfc/rfc7662#section-2.2 | RFC 7662 §2.2}
 */
export function readIntrospectedToken(
  answer: Readonly<Record<string, unknown>>,
  issuer: TrustedIssuer,
  clock: { readonly nowSeconds: number; readonly toleranceSeconds: number; readonly lifetimeSeconds: number },
): VerifiedToken {
  if (answer.active !== true) {
    throw new VerificationFailure('token_inactive', {
      expected: '"active": true',
      received: answer.active === false ? '"active": false' : 'no boolean "active"',
      description: 'The access token is not active: expired, revoked or unknown to the authorization server.',
    });
  }
  assertAccessToken(answer);
  if (answer.iss !== undefined && answer.iss !== issuer.issuer)
    throw claimInvalid('iss', issuer.issuer, answer.iss);
  const withExpiry =
    answer.exp === undefined
      ? { ...answer, exp: Math.floor(clock.nowSeconds) + clock.lifetimeSeconds }
      : answer;
  const period = readValidityPeriod(withExpiry);
  assertValidNow(period, clock.nowSeconds, clock.toleranceSeconds);
  const profiled = readProfiled(answer, issuer);
  issuer.checkAudience(answer.aud, profiled.clientId);
  const { active: _, ...claims } = answer;
  return {
    issuer,
    key: undefined,
    period,
    claims: freezeDeep(claims),
    profiled,
    actors: readActors(answer.act),
  };
}

/** A refresh token is active too, and opens nothing here. */
function assertAccessToken(answer: Readonly<Record<string, unknown>>): void {
  for (const member of KIND_MEMBERS) {
    const kind = answer[member];
    if (kind === undefined) continue;
    const refused = typeof kind !== 'string' || OTHER_KINDS.test(kind);
    if (refused || (member === 'token_type' && !ACCESS_KINDS.test(kind))) {
      throw new VerificationFailure('token_type_not_allowed', {
        expected: `"${member}" of an access token`,
        received: typeof kind === 'string' ? `another kind` : 'no text',
        description: 'The token is not an access token.',
      });
    }
  }
}

/** The issuer's profile where the answer is shaped like its tokens; else what RFC 7662 itself names. */
function readProfiled(answer: Readonly<Record<string, unknown>>, issuer: TrustedIssuer): ProfiledClaims {
  if (issuer.profile.name !== 'rfc9068') return issuer.profile.readClaims(answer);
  const clientId = readText(answer, 'client_id');
  const subject = answer.sub === undefined ? clientId : readText(answer, 'sub');
  const isUser = subject !== clientId;
  return {
    clientId,
    subject,
    scopes: readScopeText(answer, 'scope'),
    roles: [],
    kind: isUser ? 'user' : 'machine',
    evidence: isUser ? '"sub" differs from "client_id"' : 'no "sub", or "sub" equals "client_id"',
  };
}
