import { base64url } from 'jose';
import { printable } from '../../printable-text.ts';
import { parseCompactJws, type CompactJws } from '../compact-jws.ts';
import { isSignatureValid } from '../jws-signature.ts';
import type { SignatureAlgorithm } from '../signature-algorithms.ts';
import { VerificationFailure } from '../verification-failure.ts';
import { createProofKeys } from './proof-keys.ts';

/** What a proof is checked against. */
export interface ProofExpectation {
  /** The `DPoP` headers of the request. */
  readonly headers: string | readonly string[] | undefined;
  readonly method: string;
  /** The request's URL as the client knows it. */
  readonly url: string;
  /** Digest of the access token, for `ath`. */
  readonly tokenDigest: string;
  /** Thumbprint of the key the token is bound to. */
  readonly thumbprint: string;
}

/** A proof that is sound; its nonce and whether it was used before are not checked. */
export interface VerifiedProof {
  readonly jti: string;
  readonly issuedAt: number;
  readonly nonce: string | undefined;
}

/** Checks proofs of possession. */
export type ProofVerifier = (expectation: ProofExpectation) => Promise<VerifiedProof>;

const MAX_JTI_LENGTH = 256;
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

  return async ({ headers, method, url, tokenDigest, thumbprint }) => {
    const text = oneHeader(headers);
    const proof = parseProof(text);
    const { header, claims, algorithm } = proof;
    if (typeof header.typ !== 'string' || header.typ.toLowerCase() !== 'dpop+jwt') {
      throw invalid('"typ": "dpop+jwt"', printable(header.typ));
    }
    if (!algorithms.some((one) => one === algorithm))
      throw invalid(`"alg": ${algorithms.join(' or ')}`, printable(algorithm));
    const key = await keys.find(header.jwk, algorithm);
    if (key === undefined)
      throw invalid(`a public "jwk" for ${algorithm}`, 'none, a private, a weak or another one');
    if (key.thumbprint !== thumbprint)
      throw invalid('a proof by the key that the access token is bound to', 'another key');
    if (!(await isSignatureValid(proof, key.cryptoKey))) throw invalid('a valid signature', 'another');
    keys.remember(key);
    assertRequest(claims, method, url);
    if (claims.ath !== tokenDigest)
      throw invalid('"ath": the digest of the access token', printable(claims.ath));
    return { ...readIdentity(claims, now() / 1000, windowSeconds) };
  };
}

function oneHeader(headers: ProofExpectation['headers']): string {
  const values = headers === undefined || typeof headers === 'string' ? [headers] : headers;
  const [value] = values;
  if (values.length > 1) throw invalid('one DPoP header', `${values.length}`);
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
  if (htm !== method) throw invalid(`"htm": ${printable(method)}`, printable(htm));
  if (typeof htu !== 'string' || withoutQuery(htu) !== withoutQuery(url)) {
    throw invalid(`"htu": ${printable(withoutQuery(url))}`, printable(htu));
  }
}

/** Query and fragment are no part of `htu`; the rest is compared in the form that URL libraries write. */
function withoutQuery(url: string): string | undefined {
  const parsed = URL.parse(url);
  return parsed === null ? undefined : parsed.origin + parsed.pathname;
}

function readIdentity(
  { jti, iat, nonce }: CompactJws['claims'],
  nowSeconds: number,
  windowSeconds: number,
): VerifiedProof {
  if (typeof jti !== 'string' || jti === '' || jti.length > MAX_JTI_LENGTH) {
    throw invalid(`"jti": 1 to ${MAX_JTI_LENGTH} characters`, jti === undefined ? 'none' : 'another');
  }
  if (typeof iat !== 'number' || !(Math.abs(nowSeconds - iat) <= windowSeconds)) {
    throw invalid(`"iat" within ${windowSeconds} seconds of ${Math.floor(nowSeconds)}`, printable(iat));
  }
  if (nonce !== undefined && (typeof nonce !== 'string' || nonce.length > MAX_NONCE_LENGTH)) {
    throw invalid('"nonce": a text', 'something else');
  }
  return { jti, issuedAt: iat, nonce };
}

function invalid(expected: string, received: string, cause?: unknown): VerificationFailure {
  return new VerificationFailure('proof_invalid', {
    expected,
    received,
    description: 'The DPoP proof does not fit this request and its access token.',
    cause,
  });
}

/** The digest of a token that its proofs carry as `ath`. */
export async function digestToken(token: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
  return base64url.encode(new Uint8Array(digest));
}
