import { base64url } from 'jose';
import { printable } from '../../printable-text.ts';
import { parseCompactJws, type CompactJws } from '../compact-jws.ts';
import { isSignatureValid } from '../jws-signature.ts';
import type { SignatureAlgorithm } from '../signature-algorithms.ts';
import { VerificationFailure } from '../verification-failure.ts';
import { createProofKeys } from './proof-keys.ts';
import { isSameTarget, normalizeTarget } from './proof-target.ts';

/** What a proof is checked against. */
export interface ProofExpectation {
  /** The `DPoP` headers of the request. */
  readonly headers: string | readonly string[] | undefined;
  readonly method: string;
  /** The request's URL as the client knows it. */
  readonly url: string;
  /** The access token it comes with; where there is none, as at a token endpoint, any key will do. */
  readonly token:
    | {
        /** For `ath`. */
        readonly digest: string;
        /** Thumbprint of the key the token is bound to. */
        readonly thumbprint: string;
      }
    | undefined;
}

/** A proof that is sound; its nonce and whether it was used before are not checked. */
export interface VerifiedProof {
  /** Of the key that signed it. */
  readonly thumbprint: string;
  readonly jti: string;
  readonly issuedAt: number;
  readonly nonce: string | undefined;
}

/** Checks proofs of possession. */
export type ProofVerifier = (expectation: ProofExpectation) => Promise<VerifiedProof>;

const MAX_JTI_LENGTH = 256;
// No control characters: replay stores are databases, and not all of them can hold a NUL.
const JTI = /^\P{Cc}+$/u;
const CLOCK_TOLERANCE_SECONDS = 30;
const MAX_NONCE_LENGTH = 512;

/**
 * Creates the check of a DPoP proof: one header, a well-formed JWT of its own type, signed by the key it
 * carries, for this method, this URL and this token, made now, with the key the token is bound to.
 *
 * Does not check the nonce and does not notice a replay.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-4.3 | RFC 9449 §4.3}
 */
export function createProofVerifier(options: {
  readonly algorithms: readonly SignatureAlgorithm[];
  readonly windowSeconds: number;
  readonly now: () => number;
}): ProofVerifier {
  const { algorithms, windowSeconds, now } = options;
  const keys = createProofKeys();

  return async ({ headers, method, url, token }) => {
    const text = oneHeader(headers);
    const proof = parseProof(text);
    const { header, claims, algorithm } = proof;
    if (typeof header.typ !== 'string' || header.typ.toLowerCase() !== 'dpop+jwt') {
      throw invalid('"typ": "dpop+jwt"', shown(header.typ));
    }
    const allowed = algorithms.find((one) => one === algorithm);
    if (allowed === undefined) throw invalid(`"alg": ${algorithms.join(' or ')}`, printable(algorithm));
    const key = await keys.find(header.jwk, allowed);
    if (key === undefined)
      throw invalid(`a public "jwk" for ${algorithm}`, 'none, a private, a weak or another one');
    if (token !== undefined && key.thumbprint !== token.thumbprint)
      throw invalid('a signature by the key that the access token is bound to', 'another key');
    if (!(await isSignatureValid(proof, key.cryptoKey))) throw invalid('a valid signature', 'another');
    keys.remember(key);
    assertRequest(claims, method, url);
    if (token !== undefined && claims.ath !== token.digest) {
      // Not shown: a client that errs may put the token itself there.
      throw invalid('"ath": the digest of the access token', claims.ath === undefined ? 'none' : 'another');
    }
    return { thumbprint: key.thumbprint, ...readIdentity(claims, now() / 1000, windowSeconds) };
  };
}

function oneHeader(headers: ProofExpectation['headers']): string {
  const values = headers === undefined || typeof headers === 'string' ? [headers] : headers;
  const [value] = values;
  if (values.length > 1) throw invalid('a single DPoP header', `${values.length}`);
  if (value === undefined || value === '') {
    throw new VerificationFailure('proof_missing', {
      expected: 'a DPoP header',
      received: 'none',
      description: 'The access token is bound to a key; send a proof of possession in the DPoP header.',
    });
  }
  return value;
}

function parseProof(text: string): CompactJws {
  try {
    return parseCompactJws(text);
  } catch (cause) {
    throw invalid('a well-formed signed JWT', 'something else', cause);
  }
}

function assertRequest({ htm, htu }: CompactJws['claims'], method: string, url: string): void {
  if (htm !== method) throw invalid(`"htm": ${printable(method)}`, shown(htm));
  if (typeof htu !== 'string' || !isSameTarget(htu, url)) {
    // Without its query, in which there may be a secret.
    const received = typeof htu === 'string' ? (normalizeTarget(htu) ?? 'no such URL') : htu;
    throw invalid(`"htu": ${shown(normalizeTarget(url))}`, shown(received));
  }
}

function readIdentity(
  { jti, iat, exp, nbf, nonce }: CompactJws['claims'],
  nowSeconds: number,
  windowSeconds: number,
): Omit<VerifiedProof, 'thumbprint'> {
  if (typeof jti !== 'string' || jti.length > MAX_JTI_LENGTH || !JTI.test(jti)) {
    throw invalid(`"jti": 1 to ${MAX_JTI_LENGTH} characters`, jti === undefined ? 'none' : 'another');
  }
  if (typeof iat !== 'number' || !(Math.abs(nowSeconds - iat) <= windowSeconds)) {
    throw invalid(`"iat" within ${windowSeconds} seconds of ${Math.floor(nowSeconds)}`, shown(iat));
  }
  // Neither has to be there; what is there has to hold, as in every JWT.
  if (exp !== undefined && !(typeof exp === 'number' && exp + CLOCK_TOLERANCE_SECONDS > nowSeconds)) {
    throw invalid(`"exp" after ${Math.floor(nowSeconds)}`, shown(exp));
  }
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf - CLOCK_TOLERANCE_SECONDS <= nowSeconds)) {
    throw invalid(`"nbf" at ${Math.floor(nowSeconds)} or before`, shown(nbf));
  }
  if (nonce !== undefined && (typeof nonce !== 'string' || nonce.length > MAX_NONCE_LENGTH)) {
    throw invalid('"nonce": a text', 'something else');
  }
  return { jti, issuedAt: iat, nonce };
}

function shown(value: unknown): string {
  return value === undefined ? 'none' : printable(value);
}

function invalid(expected: string, received: string, cause?: unknown): VerificationFailure {
  return new VerificationFailure('proof_invalid', {
    expected,
    received,
    // What is expected is no secret, and whoever writes the client has to know it.
    description: `The DPoP proof needs ${expected}.`,
    cause,
  });
}

/** The digest of a token that its proofs carry as `ath`. */
export async function digestToken(token: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
  return base64url.encode(new Uint8Array(digest));
}
