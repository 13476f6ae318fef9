import { SignJWT, type JWTPayload } from 'jose';
import type { AssertionHeader, SignAssertion } from './client-assertion.ts';
import type { ClientAuthentication } from './client-authentication.ts';
import { createCurrentKey, type CurrentKey } from './current-key.ts';
import { signExternally, type ExternalSigner } from './external-signer.ts';
import { assertSigningAlgorithm, type PrivateKey, type SigningAlgorithm } from './signing-key.ts';

/** How long an assertion is valid. */
const ASSERTION_LIFETIME_SECONDS = 60;

/** What is told of a key, wherever it is. */
export interface AssertionKeyOptions {
  /**
   * How it signs. `EdDSA` and `Ed25519` are two names of one algorithm: use the one that the server offers.
   */
  readonly algorithm: SigningAlgorithm;
  /** `kid` of the header. Default: the JWK's own, else none. */
  readonly keyId?: string | undefined;
}

/** A key at hand. */
export interface HeldKeyOptions extends AssertionKeyOptions {
  /**
   * The private key: a `CryptoKey`, a JWK, or PKCS #8 in PEM; or a function that reads it at every token request
   * (a rotated key needs no restart). Of what the function throws, only names and codes are shown.
   */
  readonly key: PrivateKey | (() => PrivateKey | Promise<PrivateKey>);
  readonly sign?: undefined;
}

/** A key that is kept elsewhere. */
export interface ExternalKeyOptions extends AssertionKeyOptions {
  /** Signs with a key in a KMS or an HSM. */
  readonly sign: ExternalSigner;
  readonly key?: undefined;
}

/** The key of an assertion: either `key` or `sign`. */
export type AssertionSignerOptions = HeldKeyOptions | ExternalKeyOptions;

/** Signs assertions. */
export interface AssertionSigner {
  readonly header: Omit<AssertionHeader, 'typ'>;
  readonly sign: SignAssertion;
  readonly revision?: ClientAuthentication['revision'];
}

/**
 * Creates what signs the assertions of one client.
 *
 * @throws TypeError for a key that is not private, not PKCS #8, or does not fit the algorithm
 */
export function createAssertionSigner(options: AssertionSignerOptions): AssertionSigner {
  const { algorithm, keyId } = options;
  if (keyId !== undefined && (typeof keyId !== 'string' || keyId === '')) {
    throw new TypeError('keyId must be a non-empty string; leave it out if the key has none.');
  }
  const header = { alg: algorithm, ...(keyId === undefined ? {} : { kid: keyId }) };
  if (options.sign === undefined) {
    const key = createCurrentKey(options.key, algorithm);
    return { header, sign: signWith(key), ...(key.revision === undefined ? {} : { revision: key.revision }) };
  }
  if (typeof options.sign !== 'function') throw new TypeError('sign must be a function that signs bytes.');
  if ((options as { key?: unknown }).key !== undefined) {
    throw new TypeError('key and sign exclude each other: give the key, or the function that signs with it.');
  }
  assertSigningAlgorithm(algorithm);
  return { header, sign: signExternally(options.sign, algorithm) };
}

/**
 * The claims of an assertion that a client makes of itself: it has one audience, lives for 60 seconds and is used
 * once.
 *
 * @param now - in milliseconds since the epoch
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-3 | RFC 7523 §3}
 */
export function createAssertionClaims(clientId: string, audience: string, now: number): JWTPayload {
  const issuedAt = Math.floor(now / 1000);
  return {
    iss: clientId,
    sub: clientId,
    aud: audience,
    jti: crypto.randomUUID(),
    iat: issuedAt,
    exp: issuedAt + ASSERTION_LIFETIME_SECONDS,
  };
}

function signWith(current: CurrentKey): SignAssertion {
  return async (header, claims, noteRevision) => {
    const key = await current.read(noteRevision);
    const kid = header.kid ?? key.keyId;
    return new SignJWT(claims)
      .setProtectedHeader(kid === undefined ? { ...header } : { ...header, kid })
      .sign(await key.load());
  };
}
