import { createHash, randomUUID } from 'node:crypto';
import { buildCompactJws } from './compact-jws.ts';
import type { SignatureAlgorithm, SignatureKey } from './signature.ts';
import { createSigningKey, type SigningAlgorithm, type SigningKey } from './signing-key.ts';

/** What a proof is for, and how to make it hostile. */
export interface DpopProofOptions {
  /** From {@link generateDpopKey}; its public half goes into the header. */
  readonly key: SigningKey;
  readonly method: string;
  /** The request's address; `htu` is this without query and fragment. */
  readonly url: string | URL;
  /** Adds `ath`; needed wherever the proof accompanies an access token. */
  readonly accessToken?: string;
  readonly nonce?: string;
  /** The clock for `iat`, in milliseconds. Default `Date.now`. */
  readonly now?: () => number;
  /** Claims to add or replace; `undefined` removes one. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Header parameters to add or replace; `undefined` removes one. Does not change how the proof is signed. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** Signs with another key than the header shows. */
  readonly signWith?: SignatureKey;
  /** Signs with this algorithm, and names it. Default the key's own. */
  readonly algorithm?: SignatureAlgorithm;
}

/** Generates a key for DPoP; a token bound to it has `cnf: { jkt: key.thumbprint }`. */
export function generateDpopKey(algorithm: SigningAlgorithm = 'ES256'): Promise<SigningKey> {
  return createSigningKey(algorithm);
}

/**
 * Creates the `DPoP` header of one request: a fresh proof that the sender holds the key.
 *
 * Checks nothing about the overrides, so that proofs a server has to refuse can be made.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-4.2 | RFC 9449 §4.2}
 */
export function createDpopProof(options: DpopProofOptions): string {
  const { key, method, url, accessToken, nonce, now = Date.now, algorithm = key.algorithm } = options;
  const { kid: _kid, alg: _alg, use: _use, ...jwk } = key.publicJwk;
  const header = { typ: 'dpop+jwt', alg: algorithm, jwk, ...options.header };
  const target = new URL(url);
  target.search = '';
  target.hash = '';
  const claims = {
    jti: randomUUID(),
    htm: method,
    htu: target.href,
    iat: Math.floor(now() / 1000),
    ath: accessToken === undefined ? undefined : createHash('sha256').update(accessToken).digest('base64url'),
    nonce,
    ...options.claims,
  };
  return buildCompactJws(header, claims, algorithm, options.signWith ?? key);
}
