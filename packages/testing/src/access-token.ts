import { randomUUID } from 'node:crypto';
import { buildCompactJws } from './compact-jws.ts';
import type { KeyRing } from './key-ring.ts';
import type { SignatureAlgorithm, SignatureKey } from './signature.ts';
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from './signing-key.ts';

/** Claims to add to or replace in a token; a value of `undefined` removes the claim. */
export type TokenClaims = Readonly<Record<string, unknown>>;

/** How a token is signed and dressed. */
export interface MintOptions {
  /** Header parameters to add or replace; `undefined` removes one. Does not change how the token is signed. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** `typ` of the header, default `at+jwt`; `null` leaves it out. */
  readonly typ?: string | null;
  /** From now on the authority's clock, default 300; negative for a token that has expired. */
  readonly expiresInSeconds?: number;
  /** Default the key that currently signs, or the published key for `algorithm`. `kid` is the key's own, if it has one. */
  readonly key?: SignatureKey;
  /** Default the key's own. */
  readonly algorithm?: SignatureAlgorithm;
}

/** What an authority gives a token that says nothing else. */
export interface TokenDefaults {
  readonly issuer: string;
  readonly audience: string | undefined;
  readonly clientId: string;
  readonly scope: string;
}

export const DEFAULT_LIFETIME_SECONDS = 300;

/**
 * Assembles the claims of an RFC 9068 access token that a machine got for itself.
 *
 * @throws TypeError when neither the claims nor the authority name an audience
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-2.2 | RFC 9068 §2.2}
 */
export function assembleAccessTokenClaims(
  claims: TokenClaims,
  defaults: TokenDefaults,
  nowSeconds: number,
  expiresInSeconds = DEFAULT_LIFETIME_SECONDS,
): TokenClaims {
  if (!('aud' in claims) && defaults.audience === undefined) {
    throw new TypeError(
      'mint needs an audience: pass { aud: "…" }, or the option "audience" to createTestAuthority.',
    );
  }
  return {
    iss: defaults.issuer,
    aud: defaults.audience,
    sub: defaults.clientId,
    client_id: defaults.clientId,
    scope: defaults.scope,
    iat: nowSeconds,
    exp: nowSeconds + expiresInSeconds,
    jti: randomUUID(),
    ...claims,
  };
}

/** Signs claims into a compact JWT with a header that names the key and the type. */
export function signToken(claims: TokenClaims, keys: KeyRing, options: MintOptions = {}): string {
  const { key, algorithm, keyId } = chooseKey(keys, options);
  const { typ = 'at+jwt' } = options;
  const header = { alg: algorithm, ...(typ === null ? {} : { typ }), kid: keyId, ...options.header };
  return buildCompactJws(header, claims, algorithm, key);
}

/**
 * Picks the key and the algorithm that a token is signed with.
 *
 * @throws TypeError when the options leave open which of them is meant
 */
export function chooseKey(
  keys: KeyRing,
  options: Pick<MintOptions, 'key' | 'algorithm'>,
): { key: SignatureKey; algorithm: SignatureAlgorithm; keyId: string } {
  const { key, algorithm } = options;
  if (key !== undefined) {
    if ('publicJwk' in key) return { key, algorithm: algorithm ?? key.algorithm, keyId: key.keyId };
    if (algorithm === undefined)
      throw new TypeError('algorithm is required with a key that does not name one.');
    return { key, algorithm, keyId: keys.signingKey.keyId };
  }
  if (algorithm === undefined || algorithm === 'none') {
    const current = keys.signingKey;
    return { key: current, algorithm: algorithm ?? current.algorithm, keyId: current.keyId };
  }
  const published = isSigningAlgorithm(algorithm) ? keys.find(algorithm) : undefined;
  if (published === undefined) {
    throw new TypeError(
      `No key for ${algorithm} is published: pass "key", or call addKey("${algorithm}") first.`,
    );
  }
  return { key: published, algorithm, keyId: published.keyId };
}

function isSigningAlgorithm(algorithm: SignatureAlgorithm): algorithm is SigningAlgorithm {
  return (SIGNING_ALGORITHMS as readonly string[]).includes(algorithm);
}
