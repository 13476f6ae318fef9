import type { RequestHeaders } from '../credentials.ts';
import { VerificationFailure } from '../verification-failure.ts';
import { createNonceAuthority } from './dpop-nonce.ts';
import type { DpopSettings } from './dpop-options.ts';
import { createProofVerifier, digestToken, type VerifiedProof } from './dpop-proof.ts';
import { createFirstUseCheck } from './first-use.ts';
import { createMemoryReplayStore } from './replay-store.ts';

/** A request as far as a proof is about it. */
export interface ProvenRequest {
  readonly method: string;
  /** The URL as the client knows it. */
  readonly url: string;
  readonly headers: RequestHeaders;
}

/** Checks the proof that comes with a token bound to a key, and returns headers for the response. */
export type ProofCheck = (
  token: string,
  claims: object,
  thumbprint: string,
  request: ProvenRequest,
) => Promise<Readonly<Record<string, string>>>;

/** A proof that was accepted, and headers for the response. */
export interface AcceptedProof {
  /** Of the key that signed it. */
  readonly thumbprint: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Judges a proof, with an access token or by itself. */
export type ProofJudge = (
  request: ProvenRequest,
  token?: { readonly digest: string; readonly thumbprint: string },
) => Promise<AcceptedProof>;

/** What of the settings the judge of proofs needs. */
export type ProofSettings = Pick<DpopSettings, 'algorithms' | 'proofWindowSeconds' | 'nonce' | 'replayStore'>;

/**
 * Creates the whole judge of DPoP proofs: sound, with a current nonce where nonces are demanded, and never
 * used before.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-4.3 | RFC 9449 §4.3, §8, §9 and §11.1}
 */
export function createProofJudge(settings: ProofSettings, now: () => number): ProofJudge {
  const assertFirstUse = createFirstUseCheck(settings.replayStore ?? createMemoryReplayStore({ now }));
  const nonces = settings.nonce === undefined ? undefined : createNonceAuthority({ ...settings.nonce, now });
  const { algorithms, proofWindowSeconds: windowSeconds } = settings;
  const verifyProof = createProofVerifier({ algorithms, windowSeconds, now });

  const checkNonce = async ({ nonce }: VerifiedProof): Promise<Record<string, string>> => {
    if (nonces === undefined) return {};
    const current = await nonces.current();
    if (nonce === current) return {};
    if (nonce !== undefined && (await nonces.accepts(nonce))) {
      // An answer from a cache would hand out a nonce that is no longer good.
      return { 'DPoP-Nonce': current, 'Cache-Control': 'no-store' };
    }
    throw new VerificationFailure('proof_nonce_required', {
      expected: 'the nonce in the header DPoP-Nonce',
      received: nonce === undefined ? 'none' : 'an old or foreign one',
      description: 'The DPoP proof needs the nonce of the header DPoP-Nonce.',
      responseHeaders: { 'DPoP-Nonce': current },
    });
  };

  const judge: ProofJudge = async ({ method, url, headers }, token) => {
    const proof = await verifyProof({ headers: headers.dpop, method, url, token });
    const answer = await checkNonce(proof);
    await assertFirstUse(`${proof.thumbprint}.${proof.jti}`, proof.issuedAt + windowSeconds + 1);
    return { thumbprint: proof.thumbprint, headers: answer };
  };

  if (nonces === undefined) return judge;
  return (...parameters) =>
    judge(...parameters).catch(async (failure: unknown) => {
      throw withNonce(failure, await nonces.current());
    });
}

/** Creates the check of the proofs that come with bound access tokens. */
export function createProofCheck(settings: DpopSettings, now: () => number): ProofCheck {
  const judge = createProofJudge(settings, now);
  // By the claims of the verified token, which all its requests share.
  const digests = new WeakMap<object, Promise<string>>();
  return async (token, claims, thumbprint, request) => {
    let digest = digests.get(claims);
    if (digest === undefined) {
      digest = digestToken(token);
      digests.set(claims, digest);
    }
    const { headers } = await judge(request, { digest: await digest, thumbprint });
    return headers;
  };
}

/** Every refused proof learns the nonce to use, so that the client's next one can be right. */
function withNonce(failure: unknown, nonce: string): unknown {
  if (!(failure instanceof VerificationFailure)) return failure;
  return new VerificationFailure(failure.reason, {
    ...failure.details,
    responseHeaders: { 'DPoP-Nonce': nonce },
  });
}
