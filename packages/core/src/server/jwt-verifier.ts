import { assertKnownOptions } from '../known-options.ts';
import type { Fetch } from '../bounded-document.ts';
import { printable } from '../printable-text.ts';
import { parseIssuerIdentifier } from '../issuer-identifier.ts';
import { parseSecureUrl } from '../secure-url.ts';
import { assertValidNow, readValidityPeriod } from './claims.ts';
import { parseCompactJws } from './compact-jws.ts';
import { createIssuerDiscovery } from './issuer-discovery.ts';
import { isSignatureValid } from './jws-signature.ts';
import { toRejection, type RejectedCredential } from './judgement.ts';
import { createKeySet, type FetchedKeys } from './key-set.ts';
import { createKeyFetcher } from './trusted-issuer.ts';
import {
  assertSignatureAlgorithms,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
} from './signature-algorithms.ts';
import { VerificationFailure } from './verification-failure.ts';

/** Whose JWTs are verified, and by which keys. */
export interface JwtVerifierOptions {
  /** The claim `iss`, compared character by character; a URL unless the keys are given in another way. */
  readonly issuer: string;
  /** Where its keys are. Default: `jwks_uri` of its discovered metadata. */
  readonly jwksUri?: string | undefined;
  /** Its keys, where it publishes none. */
  readonly jwks?: { readonly keys: readonly unknown[] } | undefined;
  /** Default: every asymmetric one of RFC 7518 and RFC 8037. */
  readonly algorithms?: readonly SignatureAlgorithm[] | undefined;
  /** Default: the global `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** Default `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Default 30. */
  readonly clockToleranceSeconds?: number | undefined;
  /** Bound on discovery and keys together, in milliseconds. Default 3000. */
  readonly timeoutMilliseconds?: number | undefined;
  /** How long the last good keys serve while the issuer fails. Default 3600. */
  readonly staleIfErrorSeconds?: number | undefined;
}

/** A JWT that was verified. */
export interface VerifiedJwt {
  readonly accepted: true;
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A signed JWT taken apart, nothing of it verified. */
export interface DecodedJwt {
  readonly accepted: true;
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Verifies the JWTs of one issuer. */
export interface JwtVerifier {
  readonly verify: (jwt: string) => Promise<VerifiedJwt | RejectedCredential>;
}

const INLINE_LIFETIME_SECONDS = 600;

/**
 * Takes a signed JWT apart in strict form: canonical base64url, JSON without duplicate members, no critical or
 * content-changing header parameter, at most 8192 characters. Verifies nothing.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3 | RFC 8725 §3}
 */
export function decodeJwt(jwt: string): DecodedJwt | RejectedCredential {
  try {
    const { header, claims } = parseCompactJws(jwt);
    return { accepted: true, header, claims };
  } catch (error) {
    return toRejection(error);
  }
}

/**
 * Creates the verifier of the JWTs of one issuer: strict form, issuer, algorithm, signature, and the times `exp`
 * (required), `nbf` and `iat`. Keys are fetched at need and kept through outages, as a resource server does.
 *
 * Does not check type, audience, subject or replay, and says nothing about what the JWT is for.
 *
 * @throws TypeError naming the option and the mend
 * @see {@link https://www.rfc-editor.org/rfc/rfc7519#section-7.2 | RFC 7519 §7.2}
 */
export function createJwtVerifier(options: JwtVerifierOptions): JwtVerifier {
  const { issuer, algorithms, now, clockToleranceSeconds, ...settings } = readOptions(options);
  const keys = createKeySet({ issuer, algorithms, now, ...settings });
  return {
    async verify(jwt) {
      try {
        const jws = parseCompactJws(jwt);
        const { algorithm, keyId, header, claims } = jws;
        if (claims.iss !== issuer) {
          throw new VerificationFailure('issuer_unknown', {
            expected: `"iss": ${printable(issuer)}`,
            received: printable(claims.iss),
            description: 'The JWT is of another issuer.',
          });
        }
        if (!algorithms.some((allowed) => allowed === algorithm)) {
          throw new VerificationFailure('algorithm_not_allowed', {
            expected: algorithms.join(' or '),
            received: printable(algorithm),
            description: 'The JWT is signed with an algorithm that is not accepted.',
          });
        }
        const { cryptoKey } = await keys.find(algorithm, keyId);
        if (!(await isSignatureValid(jws, cryptoKey))) {
          throw new VerificationFailure('signature_invalid', {
            expected: `a signature by a key of ${issuer}`,
            received: 'another',
            description: 'The signature of the JWT is not valid.',
          });
        }
        assertValidNow(readValidityPeriod(claims), now() / 1000, clockToleranceSeconds);
        return { accepted: true, header, claims };
      } catch (error) {
        return toRejection(error);
      }
    },
  };
}

function readOptions(options: JwtVerifierOptions) {
  assertKnownOptions(
    options,
    [
      'issuer',
      'jwksUri',
      'jwks',
      'algorithms',
      'fetch',
      'now',
      'clockToleranceSeconds',
      'timeoutMilliseconds',
      'staleIfErrorSeconds',
    ],
    'createJwtVerifier',
  );
  const {
    issuer,
    jwksUri,
    jwks,
    algorithms = SIGNATURE_ALGORITHMS,
    fetch = globalThis.fetch,
    now = Date.now,
    clockToleranceSeconds = 30,
    timeoutMilliseconds = 3000,
    staleIfErrorSeconds = 3600,
  } = options;
  assertSignatureAlgorithms(algorithms, 'algorithms');
  const shared = { algorithms, now, clockToleranceSeconds, staleIfErrorSeconds };
  if (jwks !== undefined) {
    if (jwksUri !== undefined) throw new TypeError('jwks and jwksUri exclude each other: leave one out.');
    if (!Array.isArray((jwks as { keys?: unknown } | null)?.keys)) {
      throw new TypeError('jwks must be a JWK Set: { keys: [ … ] }.');
    }
    assertIssuerText(issuer);
    const fetched: FetchedKeys = { keys: jwks.keys, lifetimeSeconds: INLINE_LIFETIME_SECONDS };
    return { ...shared, issuer, fetchKeys: async () => fetched };
  }
  if (jwksUri === undefined) parseIssuerIdentifier(issuer);
  else {
    assertIssuerText(issuer);
    parseSecureUrl(jwksUri, 'jwksUri');
  }
  const environment = { fetch, now, timeoutMilliseconds };
  const discovery = createIssuerDiscovery(issuer, environment);
  return { ...shared, issuer, fetchKeys: createKeyFetcher(jwksUri, discovery, environment) };
}

function assertIssuerText(issuer: unknown): void {
  if (typeof issuer !== 'string' || issuer === '') throw new TypeError('issuer must be a text, not empty.');
}
