import { printable } from '../printable-text.ts';
import { readActors } from './actors.ts';
import { assertRequiredClaims, assertValidNow, readValidityPeriod, type ValidityPeriod } from './claims.ts';
import { hasCompactForm, parseCompactJws } from './compact-jws.ts';
import { isSignatureValid } from './jws-signature.ts';
import { rfc9068Profile } from './profiles/rfc9068.ts';
import type { ProfiledClaims } from './profiles/token-profile.ts';
import { assertUntypedAccessToken } from './profiles/token-type.ts';
import { freezeDeep } from './freeze-deep.ts';
import type { IssuerRegistry } from './issuer-registry.ts';
import type { TrustedIssuer } from './trusted-issuer.ts';
import { VerificationFailure } from './verification-failure.ts';
import type { VerificationKey } from './verification-key.ts';

/** What a verified token says. Shared by all requests that present the token, and frozen. */
export interface VerifiedToken {
  readonly issuer: TrustedIssuer;
  /** The key that signed it; `undefined` for a token that was introspected. */
  readonly key: VerificationKey | undefined;
  readonly period: ValidityPeriod;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly profiled: ProfiledClaims;
  readonly actors: readonly Readonly<Record<string, unknown>>[];
}

/** What tokens are verified against. */
export interface AccessTokenRequirements {
  readonly issuers: IssuerRegistry;
  /** Current time in milliseconds since the epoch. */
  readonly now: () => number;
  readonly clockToleranceSeconds: number;
}

/**
 * Verifies an access token. A JWT: form, issuer, type, algorithm, signature, times, claims, audience. An
 * opaque token: by introspection, where that is configured.
 *
 * Does not check sender constraints, revocation or permissions.
 *
 * @throws VerificationFailure
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-4 | RFC 9068 §4}
 */
export async function verifyAccessToken(
  token: string,
  requirements: AccessTokenRequirements,
): Promise<VerifiedToken> {
  const { introspectOpaque } = requirements.issuers;
  if (introspectOpaque !== undefined && !hasCompactForm(token)) return introspectOpaque(token);
  const jws = parseCompactJws(token);
  const { algorithm, keyId, header, claims } = jws;
  // The unverified issuer only picks among those configured.
  const issuer = await requirements.issuers.select(claims.iss);
  const asks = issuer.introspectsJwts && issuer.introspect !== undefined;
  // Who is asked about a token vouches for it; what says itself that it is another kind of token is not asked about.
  if (asks && issuer.profile === rfc9068Profile) assertUntypedAccessToken(header, claims);
  else issuer.profile.checkType(header, claims);
  if (asks) return issuer.introspect(token, claims);
  if (!issuer.algorithms.some((allowed) => allowed === algorithm)) {
    throw new VerificationFailure('algorithm_not_allowed', {
      expected: issuer.algorithms.join(' or '),
      received: printable(algorithm),
      description: 'The access token is signed with an algorithm that is not accepted.',
    });
  }
  const key = await issuer.keys.find(algorithm, keyId);
  if (!(await isSignatureValid(jws, key.cryptoKey))) {
    throw new VerificationFailure('signature_invalid', {
      description: 'The signature of the access token is not valid.',
    });
  }
  const period = readValidityPeriod(claims);
  assertValidNow(period, requirements.now() / 1000, requirements.clockToleranceSeconds);
  assertRequiredClaims(claims, issuer.profile.requiredClaims);
  const profiled = issuer.profile.readClaims(claims);
  issuer.checkAudience(claims.aud, profiled.clientId);
  return { issuer, key, period, claims: freezeDeep(claims), profiled, actors: readActors(claims.act) };
}
