import { calculateJwkThumbprint, EmbeddedJWK, errors, jwtVerify } from 'jose';
import { OAuthError } from './oauth-error.ts';
import type { RecordedRequest } from './recorded-request.ts';

/** What a proof at the token endpoint is checked against. */
export interface TokenRequestProofContext {
  readonly tokenEndpoint: string;
  /** Every `jti` accepted so far; the proof's is added. */
  readonly usedProofs: Set<string>;
  readonly now: () => number;
}

const ALGORITHMS = ['ES256', 'ES384', 'ES512', 'RS256', 'PS256', 'EdDSA'];
const WINDOW_SECONDS = 300;

/**
 * Verifies the `DPoP` header of a token request, and returns the thumbprint that the token is bound to, or
 * `undefined` when the client sent no proof.
 *
 * Asks for no nonce: let the endpoint answer `use_dpop_nonce` once to test a client's retry.
 *
 * @throws OAuthError `invalid_dpop_proof`
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-5 | RFC 9449 §5}
 */
export async function verifyTokenRequestProof(
  request: RecordedRequest,
  { tokenEndpoint, usedProofs, now }: TokenRequestProofContext,
): Promise<string | undefined> {
  const proof = request.headers['dpop'];
  if (proof === undefined) return undefined;
  try {
    const { payload, protectedHeader } = await jwtVerify(String(proof), EmbeddedJWK, {
      algorithms: ALGORITHMS,
      typ: 'dpop+jwt',
      requiredClaims: ['jti', 'htm', 'htu', 'iat'],
      currentDate: new Date(now()),
    });
    const { jti, htm, htu, iat } = payload;
    if (htm !== request.method || htu !== tokenEndpoint) throw refuse('It is for another request.');
    if (Math.abs((iat ?? 0) - now() / 1000) > WINDOW_SECONDS) throw refuse('Its iat is too far from now.');
    if (typeof jti !== 'string' || usedProofs.has(jti)) throw refuse('It was used before.');
    usedProofs.add(jti);
    return await calculateJwkThumbprint(protectedHeader.jwk ?? {});
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) throw refuse(error.message);
    throw error;
  }
}

function refuse(reason: string): OAuthError {
  return new OAuthError('invalid_dpop_proof', `The DPoP proof was refused: ${reason}`);
}
