import type { RequestHeaders } from '../credentials.ts';
import { VerificationFailure } from '../verification-failure.ts';
import { createNonceAuthority } from './dpop-nonce.ts';
import type { DpopSettings } from './dpop-options.ts';
import { createProofVerifier, digestToken, type VerifiedProof } from './dpop-proof.ts';
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
  thumbprint: string,
  request: ProvenRequest,
) => Promise<Readonly<Record<string, string>>>;

const MAX_DIGESTS = 10_000;

/**
 * Creates the whole check of DPoP proofs: sound, with a current nonce where nonces are demanded, and never
 * used before.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-4.3 | RFC 9449 §4.3, §9 and §11.1}
 */
export function createProofCheck(settings: DpopSettings, now: () => number): ProofCheck {
  const replayStore = settings.replayStore ?? createMemoryReplayStore({ now });
  const nonces = settings.nonce === undefined ? undefined : createNonceAuthority({ ...settings.nonce, now });
  const { algorithms, proofWindowSeconds: windowSeconds } = settings;
  const verifyProof = createProofVerifier({ algorithms, windowSeconds, now });

  const checkNonce = async ({ nonce }: VerifiedProof): Promise<Record<string, string>> => {
    if (nonces === undefined) return {};
    const current = await nonces.current();
    if (nonce === current) return {};
    if (nonce !== undefined && (await nonces.accepts(nonce))) return { 'DPoP-Nonce': current };
    throw new VerificationFailure('proof_nonce_required', {
      expected: 'the nonce in the header DPoP-Nonce',
      received: nonce === undefined ? 'none' : 'an old or foreign one',
      description: 'The DPoP proof needs the nonce of the header DPoP-Nonce.',
      responseHeaders: { 'DPoP-Nonce': current },
    });
  };

  const assertFirstUse = async (thumbprint: string, { jti, issuedAt }: VerifiedProof): Promise<void> => {
    let first: boolean;
    try {
      first = await replayStore.useOnce(`${thumbprint}.${jti}`, issuedAt + windowSeconds + 1);
    } catch (cause) {
      throw new VerificationFailure('replay_store_unavailable', {
        expected: 'an answer of the replay store',
        received: 'a failure',
        description: 'Whether the DPoP proof was used before cannot be checked at the moment.',
        cause,
      });
    }
    if (first) return;
    throw new VerificationFailure('proof_replayed', {
      expected: 'a proof that was not used before',
      received: 'one that was',
      description: 'The DPoP proof was used before; make a new one for every request.',
    });
  };

  const digests = new Map<string, Promise<string>>();
  const digestOnce = (token: string): Promise<string> => {
    let digest = digests.get(token);
    if (digest === undefined) {
      if (digests.size >= MAX_DIGESTS) digests.clear();
      digest = digestToken(token);
      digests.set(token, digest);
    }
    return digest;
  };

  return async (token, thumbprint, request) => {
    const { method, url, headers } = request;
    const tokenDigest = await digestOnce(token);
    const proof = await verifyProof({ headers: headers.dpop, method, url, tokenDigest, thumbprint }).catch(
      async (failure: unknown) => {
        throw nonces === undefined ? failure : withNonce(failure, await nonces.current());
      },
    );
    const answer = await checkNonce(proof);
    await assertFirstUse(thumbprint, proof);
    return answer;
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
