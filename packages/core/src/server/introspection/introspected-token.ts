import { readActors } from '../actors.ts';
import type { VerifiedToken } from '../access-token.ts';
import { freezeDeep } from '../freeze-deep.ts';
import { claimInvalid, claimMissing } from '../claim-failure.ts';
import { assertValidNow, readValidityPeriod } from '../claims.ts';
import { readScopeText, readText } from '../profiles/claim-readers.ts';
import { rfc9068Profile } from '../profiles/rfc9068.ts';
import { decideBySubject } from '../profiles/subject-kind.ts';
import type { ProfiledClaims, TokenMembers } from '../profiles/token-profile.ts';
import { assertAccessKind } from '../profiles/token-type.ts';
import type { TrustedIssuer } from '../trusted-issuer.ts';
import { VerificationFailure } from '../verification-failure.ts';

/** Claims of a JWT that only ever narrow what it may do, and so hold where the answer leaves them out. */
const NARROWING_CLAIMS = ['cnf', 'status', 'act'];

/** What an answer of an introspection endpoint is judged by. */
export interface IntrospectionJudgement {
  readonly issuer: TrustedIssuer;
  /** The claims of the token itself, where it is a JWT: its issuer called it active, nothing else vouches for them. */
  readonly ownClaims: TokenMembers | undefined;
  readonly nowSeconds: number;
  readonly toleranceSeconds: number;
  /** How long a token without expiry counts as valid. */
  readonly lifetimeSeconds: number;
}

/**
 * Judges the answer of an introspection endpoint as a verified token.
 *
 * An answer that does not say what kind of token it is about counts as one about an access token, unless it names
 * no audience either.
 *
 * @throws VerificationFailure
 * @see {@link https://www.rfc-editor.org/rfc/rfc7662#section-2.2 | RFC 7662 §2.2}
 */
export function readIntrospectedToken(
  answer: TokenMembers,
  judgement: IntrospectionJudgement,
): VerifiedToken {
  const { issuer, nowSeconds } = judgement;
  const { active, ...members } = answer;
  if (active !== true) throw inactive(active);
  assertAccessKind(members);
  if (members.iss !== undefined && members.iss !== issuer.issuer)
    throw claimInvalid('iss', issuer.issuer, members.iss);
  const claims = { ...narrowingClaims(judgement.ownClaims), ...members };
  const exp = claims.exp === undefined ? Math.floor(nowSeconds) + judgement.lifetimeSeconds : claims.exp;
  const period = readValidityPeriod({ ...claims, exp });
  assertValidNow(period, nowSeconds, judgement.toleranceSeconds);
  const profiled = readProfiled(claims, issuer);
  issuer.checkAudience(claims.aud, profiled.clientId);
  // A refresh token is active too, and opens nothing here.
  if (claims.aud === undefined && claims.token_type === undefined) throw claimMissing('token_type');
  assertConfirmed(claims);
  const actors = readActors(claims.act);
  return { issuer, key: undefined, period, claims: freezeDeep(claims), profiled, actors };
}

function narrowingClaims(own: TokenMembers = {}): TokenMembers {
  const present = NARROWING_CLAIMS.filter((name) => own[name] !== undefined);
  return Object.fromEntries(present.map((name) => [name, own[name]]));
}

/** A token that is said to be bound, and not to what, cannot be checked. */
function assertConfirmed({ token_type: type, cnf }: TokenMembers): void {
  if (typeof type === 'string' && type.toLowerCase() === 'dpop' && cnf === undefined)
    throw claimMissing('cnf');
}

/** The issuer's profile where it has one; else what RFC 7662 itself names. */
function readProfiled(claims: TokenMembers, { profile }: TrustedIssuer): ProfiledClaims {
  if (profile !== rfc9068Profile) return profile.readClaims(claims);
  const clientId = readText(claims, 'client_id');
  const subject = claims.sub === undefined ? clientId : readText(claims, 'sub');
  const kind =
    claims.sub === undefined
      ? ({ kind: 'machine', evidence: 'no "sub"' } as const)
      : decideBySubject(claims, clientId, subject);
  return { clientId, subject, scopes: readScopeText(claims, 'scope'), roles: [], ...kind };
}

function inactive(active: unknown): VerificationFailure {
  return new VerificationFailure('token_inactive', {
    expected: '"active": true',
    received: active === false ? '"active": false' : 'no boolean "active"',
    description: 'The access token is not active: expired, revoked or unknown to the authorization server.',
  });
}
