/**
 * Signature algorithms that an access token may use, all asymmetric. The default allow-list.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3.1 | RFC 8725 §3.1}
 */
export const SIGNATURE_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

const CURVE_ALGORITHMS: Readonly<Record<string, readonly SignatureAlgorithm[]>> = {
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  'P-521': ['ES512'],
  Ed25519: ['EdDSA', 'Ed25519'],
};

const RSA_ALGORITHMS: readonly SignatureAlgorithm[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];

/**
 * The algorithms one public key is used with: one for RSA and elliptic curves, the two names of the same
 * algorithm for Ed25519.
 *
 * A key that names its algorithm is used with that one alone. An RSA key that names none is used with the
 * only RSA algorithm the issuer is allowed, or with RS256.
 *
 * @param jwk - a public JWK, unchecked
 * @param allowed - the issuer's allow-list
 * @returns an empty list for a key that cannot or must not verify access tokens
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3.1 | RFC 8725 §3.1}
 */
export function algorithmsOfKey(
  jwk: Readonly<Record<string, unknown>>,
  allowed: readonly SignatureAlgorithm[],
): readonly SignatureAlgorithm[] {
  const fitting = algorithmsOfKeyType(jwk).filter((algorithm) => allowed.includes(algorithm));
  if (jwk.alg !== undefined) {
    const named = fitting.find((algorithm) => algorithm === jwk.alg);
    if (named === undefined) return [];
    return jwk.kty === 'OKP' ? fitting : [named];
  }
  if (jwk.kty !== 'RSA' || fitting.length === 1) return fitting;
  return fitting.includes('RS256') ? ['RS256'] : [];
}

function algorithmsOfKeyType(jwk: Readonly<Record<string, unknown>>): readonly SignatureAlgorithm[] {
  if (jwk.kty === 'RSA') return RSA_ALGORITHMS;
  if ((jwk.kty === 'EC' || jwk.kty === 'OKP') && typeof jwk.crv === 'string') {
    return Object.hasOwn(CURVE_ALGORITHMS, jwk.crv) ? (CURVE_ALGORITHMS[jwk.crv] ?? []) : [];
  }
  return [];
}

/**
 * Validates a configured allow-list.
 *
 * @throws TypeError naming the option, the refused entry and what is known
 */
export function assertSignatureAlgorithms(
  value: unknown,
  option: string,
): asserts value is readonly SignatureAlgorithm[] {
  const known: readonly unknown[] = SIGNATURE_ALGORITHMS;
  if (!Array.isArray(value) || value.length === 0 || !value.every((entry) => known.includes(entry))) {
    throw new TypeError(`${option} must be a non-empty array of ${SIGNATURE_ALGORITHMS.join(', ')}.`);
  }
}
