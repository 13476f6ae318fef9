import { base64url, calculateJwkThumbprint } from 'jose';
import type { SigningAlgorithm } from '../../client-authentication/signing-key.ts';
import { assertKnownOptions } from '../../known-options.ts';
import { readProofKey, type DpopKey, type ProofKey } from './dpop-key.ts';
import { SIGNATURE_PARAMETERS } from './proof-algorithm.ts';
import { createProofNonces, isNonce, type DpopPeer } from './proof-nonces.ts';
import { readProofTarget } from './proof-target.ts';
import { createRecentEntries } from './recent-entries.ts';

/** Options of {@link createDpop}. */
export interface DpopProverOptions {
  /** The key: a pair as `createDpopKey` makes it, or a private JWK. Default: generated, non-extractable. */
  readonly key?: DpopKey | undefined;
  /** How it signs. Default: what the key is for; ES256 for a generated one. */
  readonly algorithm?: SigningAlgorithm | undefined;
  /** The current time in milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** The request that a proof is for. */
export interface ProofRequest {
  /** As it will be sent; case counts. */
  readonly method: string;
  readonly url: string | URL;
  /** The token sent along; left out where one is asked for. */
  readonly accessToken?: string | undefined;
  /** Default: the last one of that server, in the role that follows from whether there is a token. */
  readonly nonce?: string | undefined;
}

/** Proves, request by request, that the sender holds a key. */
export interface DpopProver {
  readonly algorithm: SigningAlgorithm;
  /** Thumbprint of the public key: what a bound token has as `cnf.jkt`. */
  thumbprint(): Promise<string>;
  /**
   * Creates the value of a `DPoP` header, good for one request.
   *
   * @throws TypeError for a request that cannot be named; an error that shows nothing of the key, each time, for one
   *   that is broken or whose halves differ
   */
  createProof(request: ProofRequest): Promise<string>;
  /** The nonce that a server handed out last. */
  nonceFor(url: string | URL, peer: DpopPeer): string | undefined;
  /**
   * Remembers the nonce of a response, be it a success or not, and returns it; `undefined` where there is none
   * to use.
   *
   * @param url - where the request went
   */
  noteResponse(url: string | URL, headers: Headers, peer: DpopPeer): string | undefined;
}

const MOST_DIGESTS = 1000;
const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const encoder = new TextEncoder();

/**
 * Creates a prover with one key, and with a memory of the nonces of the servers it talks to.
 *
 * Does not send anything: `dpopFetch` does. The key is generated or imported once, at its first use.
 *
 * @throws TypeError for a wrong option
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-4.2 | RFC 9449 §4.2},
 *   {@link https://github.com/modelcontextprotocol/modelcontextprotocol/pull/1932 | SEP-1932}
 */
export function createDpop(options: DpopProverOptions = {}): DpopProver {
  assertKnownOptions(options, ['key', 'algorithm', 'now'], 'createDpop');
  const now = options.now ?? Date.now;
  if (typeof now !== 'function') throw new TypeError('now must be a function that returns milliseconds.');
  const source = readProofKey(options.key, options.algorithm);
  const { algorithm } = source;
  const signature = SIGNATURE_PARAMETERS[algorithm];
  const nonces = createProofNonces();
  const digests = createRecentEntries<Promise<string>>(MOST_DIGESTS);

  let signer: Promise<{ readonly key: ProofKey; readonly header: string }> | undefined;
  const prepare = () =>
    (signer ??= source.load().then((key) => ({
      key,
      // The same for every proof.
      header: encode(JSON.stringify({ typ: 'dpop+jwt', alg: algorithm, jwk: key.publicJwk })),
    })));
  const digestOnce = (token: string): Promise<string> => {
    let digest = digests.get(token);
    if (digest === undefined) {
      digest = digestToken(token);
      digests.set(token, digest);
    }
    return digest;
  };
  let thumbprint: Promise<string> | undefined;

  return {
    algorithm,
    thumbprint: () =>
      (thumbprint ??= prepare().then(({ key }) => calculateJwkThumbprint({ ...key.publicJwk }, 'sha256'))),
    createProof: async ({ method, url, accessToken, nonce: given }) => {
      if (typeof method !== 'string' || !METHOD.test(method)) {
        throw new TypeError('method must be the HTTP method of the request.');
      }
      if (accessToken !== undefined && (typeof accessToken !== 'string' || accessToken === '')) {
        throw new TypeError('accessToken must be a non-empty string; leave it out where there is none.');
      }
      if (given !== undefined && !isNonce(given)) {
        throw new TypeError('nonce must be 1 to 512 printable ASCII characters without space, " and \\.');
      }
      const { htu, origin } = readProofTarget(url);
      const peer = accessToken === undefined ? 'authorization_server' : 'resource_server';
      const { key, header } = await prepare();
      const claims = {
        jti: crypto.randomUUID(),
        htm: method,
        htu,
        iat: Math.floor(now() / 1000),
        ath: accessToken === undefined ? undefined : await digestOnce(accessToken),
        nonce: given ?? nonces.get(origin, peer),
      };
      const signed = `${header}.${encode(JSON.stringify(claims))}`;
      const bytes = await crypto.subtle.sign(signature, key.privateKey, encoder.encode(signed));
      return `${signed}.${base64url.encode(new Uint8Array(bytes))}`;
    },
    nonceFor: (url, peer) => nonces.get(readProofTarget(url).origin, peer),
    noteResponse: (url, headers, peer) => nonces.note(readProofTarget(url).origin, peer, headers),
  };
}

function encode(text: string): string {
  return base64url.encode(encoder.encode(text));
}

async function digestToken(token: string): Promise<string> {
  return base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(token))));
}
