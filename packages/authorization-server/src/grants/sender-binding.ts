import type { IncomingMessage } from 'node:http';

import { clientCertificateOf } from '@mcp-m2m/core/node';
import {
  createCertificateThumbprint,
  createTokenRequestProofs,
  type ClientCertificateOptions,
  type RejectedCredential,
} from '@mcp-m2m/core/server';

import type { ClientCredentials } from '../store/client-credentials.ts';
import type { ReplayGuard } from '../store/replay-guard.ts';
import type { TokenRefusalReason } from '../token-refusal-reason.ts';
import { refuseGrant, type GrantErrorCode } from './grant-refusal.ts';
import type { TokenBinding } from './issue-token.ts';

/** How tokens are bound to their senders. */
export interface SenderBindingRules {
  /** Proofs are for this URL, whatever the request's `Host` says. */
  readonly tokenEndpoint: string;
  readonly replay: ReplayGuard;
  /** The clock, in milliseconds. */
  readonly now: () => number;
  /** Demands nonces made from this secret, which all instances share. */
  readonly dpopNonceSecret: Uint8Array | undefined;
  /** Where client certificates are seen; nowhere when undefined. */
  readonly clientCertificate: ClientCertificateOptions | undefined;
}

/** What a token of one request is bound to, and the headers its answer carries. */
export interface SenderBinding extends TokenBinding {
  readonly headers: Readonly<Record<string, string>>;
}

/** Decides what the token of a request is bound to. */
export type BindSender = (
  request: IncomingMessage,
  client: Pick<ClientCredentials, 'senderConstraint'>,
) => Promise<SenderBinding>;

/** Algorithms of DPoP proofs, for the metadata. */
export const DPOP_ALGORITHMS: readonly string[] = createTokenRequestProofs().algorithms;

/**
 * Makes the function that decides what a token is bound to: the key of the request's DPoP proof, if there is one,
 * and the client's certificate, where the client is registered for that. What the client is registered for has
 * to be there.
 *
 * A proof is used up by being judged, also in a request that is refused for something else.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-5 | RFC 9449 §5},
 *   {@link https://www.rfc-editor.org/rfc/rfc8705#section-3 | RFC 8705 §3}
 */
export function createSenderBinding(rules: SenderBindingRules): BindSender {
  const { tokenEndpoint, replay, now, dpopNonceSecret: secret, clientCertificate } = rules;
  const proofs = createTokenRequestProofs({
    now,
    ...(secret === undefined ? {} : { nonce: { secret } }),
    replayStore: { useOnce: async (key, expiresAt) => await replay.use(`dpop ${key}`, Math.ceil(expiresAt)) },
  });
  const thumbprintOf = clientCertificate && createCertificateThumbprint(clientCertificate);

  async function bindToKey(request: IncomingMessage, required: boolean) {
    const { dpop, ...headers } = request.headersDistinct;
    const judged = await proofs.judge({
      method: 'POST',
      url: tokenEndpoint,
      headers: dpop === undefined ? headers : { ...headers, dpop },
    });
    if (judged?.accepted === false) throw refuseProof(judged);
    if (judged !== undefined || !required) return judged;
    throw refuseGrant({
      error: 'invalid_dpop_proof',
      reason: 'dpop_proof_missing',
      description: "this client's tokens are bound to a key: send a DPoP proof in the DPoP header",
    });
  }

  async function bindToCertificate(request: IncomingMessage): Promise<string> {
    const thumbprint = await thumbprintOf?.(request.headersDistinct, clientCertificateOf(request));
    if (thumbprint !== undefined) return thumbprint;
    throw refuseGrant({
      error: 'invalid_request',
      reason: 'client_certificate_missing',
      description: "this client's tokens are bound to its certificate: connect with a TLS client certificate",
      detail:
        thumbprintOf === undefined
          ? 'the client is registered for certificate-bound tokens, and the server is not told where it sees certificates: set the option clientCertificate'
          : 'the request came without a client certificate, or with one that cannot be read',
    });
  }

  return async (request, { senderConstraint }) => {
    const mustProve = senderConstraint === 'dpop';
    const proof =
      mustProve || request.headers['dpop'] !== undefined ? await bindToKey(request, mustProve) : undefined;
    const x5t = senderConstraint === 'mtls' ? await bindToCertificate(request) : undefined;
    return { jkt: proof?.thumbprint, x5t, headers: proof?.headers ?? {} };
  };
}

function refuseProof(judged: RejectedCredential): Error {
  const { reason, description, expected = '', received, retryAfterSeconds = 5, headers } = judged;
  if (reason === 'replay_store_unavailable') {
    return refuseGrant({
      error: 'temporarily_unavailable',
      reason: 'store_unavailable',
      description: 'the authorization server cannot reach its database; try again',
      detail: `${description} ${expected}`,
      retryAfterSeconds,
      headers,
    });
  }
  const detail = received === undefined ? description : `${description} Received: ${received}.`;
  const [error, own] = PROOF_REFUSALS.get(reason) ?? (['invalid_dpop_proof', 'dpop_proof_invalid'] as const);
  return refuseGrant({ error, reason: own, description, detail, headers });
}

const PROOF_REFUSALS: ReadonlyMap<string, readonly [GrantErrorCode, TokenRefusalReason]> = new Map([
  ['proof_nonce_required', ['use_dpop_nonce', 'dpop_nonce_required']],
  ['proof_replayed', ['invalid_dpop_proof', 'dpop_proof_replayed']],
] as const);
