import { DocumentError } from '../../document-error.ts';
import { printable } from '../../printable-text.ts';
import { assertValidNow, readValidityPeriod } from '../claims.ts';
import { parseCompactJws } from '../compact-jws.ts';
import { isSignatureValid } from '../jws-signature.ts';
import type { KeySet } from '../key-set.ts';
import type { TokenMembers } from '../profiles/token-profile.ts';

/** What a signed answer is verified against. */
export interface SignedAnswerRequirements {
  readonly issuer: string;
  /** Names of this resource server there: its client id, and its identifier as a resource. */
  readonly audiences: readonly string[];
  readonly keys: KeySet;
  /** Where it was asked for, for messages. */
  readonly endpoint: string;
  readonly maxLength: number;
  readonly nowSeconds: number;
  readonly toleranceSeconds: number;
}

/** An answer is made for one question: one that is older was kept by somebody. */
const MAX_AGE_SECONDS = 300;

/**
 * Verifies an answer that is a JWT, and returns what it says about the token.
 *
 * @throws DocumentError or VerificationFailure
 * @see {@link https://www.rfc-editor.org/rfc/rfc9701#section-5 | RFC 9701 §5}
 */
export async function verifySignedAnswer(
  text: string,
  { issuer, audiences, keys, endpoint, maxLength, nowSeconds, toleranceSeconds }: SignedAnswerRequirements,
): Promise<TokenMembers> {
  const refuse = (expected: string, received: string): DocumentError =>
    new DocumentError('invalid_member', { url: endpoint, expected, received });
  const jws = parseCompactJws(text, maxLength);
  const { algorithm, keyId, header, claims } = jws;
  if (typeof header.typ !== 'string' || !/^(?:application\/)?token-introspection\+jwt$/i.test(header.typ)) {
    throw refuse('"typ": "token-introspection+jwt"', printable(header.typ));
  }
  const { cryptoKey } = await keys.find(algorithm, keyId);
  if (!(await isSignatureValid(jws, cryptoKey))) throw refuse('a valid signature', 'another');
  if (claims.iss !== issuer) throw refuse(`"iss": ${printable(issuer)}`, printable(claims.iss));
  const named: readonly unknown[] = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  if (!audiences.some((audience) => named.includes(audience)))
    throw refuse(`"aud": ${audiences.map(printable).join(' or ')}`, printable(claims.aud));
  if (claims.iat === undefined) throw refuse('"iat"', 'none');
  const exp = claims.exp ?? Number(claims.iat) + MAX_AGE_SECONDS;
  assertValidNow(readValidityPeriod({ ...claims, exp }), nowSeconds, toleranceSeconds);
  const answer = claims.token_introspection;
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
    throw refuse('"token_introspection": an object', printable(answer));
  }
  return answer as TokenMembers;
}
