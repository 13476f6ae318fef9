import { createRecentEntries } from './recent-entries.ts';

/** Who a proof is for. One origin may be both, and then hands out two kinds of nonces. */
export type DpopPeer = 'authorization_server' | 'resource_server';

/** The nonce that each peer handed out last. */
export interface ProofNonces {
  get(origin: string, peer: DpopPeer): string | undefined;
  /** Keeps the nonce of a response; `undefined` where it carries none, or something that is none. */
  note(origin: string, peer: DpopPeer, headers: Headers): string | undefined;
}

const MOST_NONCES = 1000;
const MAX_NONCE_LENGTH = 512;
// NQCHAR of RFC 6749 appendix A. Several header fields arrive joined by a comma and a space, which it lacks.
const NONCE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * Creates a memory of nonces, by origin and by what the origin is to the client. It keeps the 1000 used last.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-8.2 | RFC 9449 §8.2}
 */
export function createProofNonces(): ProofNonces {
  const nonces = createRecentEntries<string>(MOST_NONCES);
  return {
    get: (origin, peer) => nonces.get(`${peer} ${origin}`),
    note: (origin, peer, headers) => {
      const nonce = headers.get('dpop-nonce');
      if (!isNonce(nonce)) return undefined;
      nonces.set(`${peer} ${origin}`, nonce);
      return nonce;
    },
  };
}

/**
 * Tells whether a value is a nonce by its grammar, and no longer than 512 characters.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-8.1 | RFC 9449 §8.1}
 */
export function isNonce(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_NONCE_LENGTH && NONCE.test(value);
}
