import { assertKnownOptions } from '../../known-options.ts';
import type { RequestHeaders } from '../credentials.ts';
import { toRejection, type RejectedCredential } from '../judgement.ts';
import type { SignatureAlgorithm } from '../signature-algorithms.ts';
import {
  createCertificateReader,
  thumbprintOf,
  type ClientCertificateOptions,
} from './client-certificate.ts';
import { createProofJudge } from './dpop-check.ts';
import { readDpopOptions, type DpopOptions } from './dpop-options.ts';

/** A request to a token endpoint. */
export interface TokenRequestEnvelope {
  /** The token endpoint as clients know it: proofs are for this URL. */
  readonly url: string;
  readonly method: string;
  /** With all `DPoP` headers of the request. */
  readonly headers: RequestHeaders;
}

/** A proof that was accepted. */
export interface AcceptedTokenRequestProof {
  readonly accepted: true;
  /** RFC 7638 thumbprint of the key that tokens are to be bound to: `cnf.jkt`. */
  readonly thumbprint: string;
  /** Headers for the response. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Judges the DPoP proof of a token request. */
export interface TokenRequestProofs {
  /** For `dpop_signing_alg_values_supported`. */
  readonly algorithms: readonly SignatureAlgorithm[];
  /**
   * Judges the proof of one request, and uses it up.
   *
   * @returns `undefined` for a request without one
   */
  judge(request: TokenRequestEnvelope): Promise<AcceptedTokenRequestProof | RejectedCredential | undefined>;
}

/**
 * Creates what an authorization server judges DPoP proofs at its token endpoint by: the same rules as a
 * resource server's, without an access token.
 *
 * Does not know which clients have to send one.
 *
 * @param options - see {@link DpopOptions}; `required` is the caller's to decide
 * @throws TypeError naming the option and the mend
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-5 | RFC 9449 §5 and §8}
 */
export function createTokenRequestProofs(
  options: Omit<DpopOptions, 'required'> & { readonly now?: () => number } = {},
): TokenRequestProofs {
  assertKnownOptions(
    options,
    ['algorithms', 'proofWindowSeconds', 'nonce', 'replayStore', 'now'],
    'createTokenRequestProofs',
  );
  const { now = Date.now, ...dpop } = options;
  const settings = readDpopOptions(dpop);
  if (settings === undefined) throw new TypeError('createTokenRequestProofs must be given an object.');
  const judge = createProofJudge(settings, now);
  return {
    algorithms: settings.algorithms,
    async judge(request) {
      if (request.headers.dpop === undefined) return undefined;
      try {
        return { accepted: true, ...(await judge(request)) };
      } catch (error) {
        return toRejection(error);
      }
    },
  };
}

/**
 * Creates the reader of the thumbprint of a client's certificate (`cnf.x5t#S256`), from the socket or from the
 * header of a proxy.
 *
 * Does not verify the certificate: whoever ends TLS did that.
 *
 * @returns a function that answers `undefined` where there is no certificate, or none that can be read
 * @throws TypeError naming the option and the mend
 * @see {@link https://www.rfc-editor.org/rfc/rfc8705#section-3.1 | RFC 8705 §3.1}
 */
export function createCertificateThumbprint(
  options: ClientCertificateOptions,
): (headers: RequestHeaders, fromSocket: Uint8Array | undefined) => Promise<string | undefined> {
  const read = createCertificateReader(options);
  return async (headers, fromSocket) => {
    const certificate = read(headers, fromSocket);
    return certificate === undefined ? undefined : await thumbprintOf(certificate);
  };
}
