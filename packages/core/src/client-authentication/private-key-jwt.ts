import { SignJWT } from 'jose';
import { assertKnownOptions } from '../known-options.ts';
import type { ClientAuthentication } from './client-authentication.ts';
import { createSigningKey, type PrivateKey, type SigningAlgorithm } from './signing-key.ts';

/** How long a client assertion is valid. */
const ASSERTION_LIFETIME_SECONDS = 60;

/** Options of {@link privateKeyJwt}. */
export interface PrivateKeyJwtOptions {
  /** The private key: a `CryptoKey`, a JWK, or PKCS #8 in PEM. */
  readonly key: PrivateKey;
  /**
   * How it signs. `EdDSA` and `Ed25519` are two names of one algorithm: use the one that the server offers.
   */
  readonly algorithm: SigningAlgorithm;
  /** `kid` of the header. Default: the JWK's own, else none. */
  readonly keyId?: string | undefined;
}

/**
 * Authenticates with an assertion signed by the client's private key: `iss` and `sub` are the client's id,
 * the issuer is the sole audience, each is valid for 60 seconds and used once.
 *
 * The key is imported once, at the first token request.
 *
 * @throws TypeError for a key that is not private, not PKCS #8, or does not fit the algorithm
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-3 | RFC 7523 §3},
 *   {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-rfc7523bis | RFC 7523bis} (type and audience)
 */
export function privateKeyJwt(options: PrivateKeyJwtOptions): ClientAuthentication {
  assertKnownOptions(options, ['key', 'algorithm', 'keyId'], 'privateKeyJwt');
  const { algorithm } = options;
  if (options.keyId !== undefined && (typeof options.keyId !== 'string' || options.keyId === '')) {
    throw new TypeError('keyId must be a non-empty string; leave it out if the key has none.');
  }
  const signingKey = createSigningKey(options.key, algorithm);
  const keyId = options.keyId ?? signingKey.keyId;
  return {
    method: 'private_key_jwt',
    algorithm,
    async authenticate(request, { issuer, clientId, now }) {
      const issuedAt = Math.floor(now() / 1000);
      const assertion = await new SignJWT()
        .setProtectedHeader({
          alg: algorithm,
          typ: 'client-authentication+jwt',
          ...(keyId === undefined ? {} : { kid: keyId }),
        })
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(issuer)
        .setJti(crypto.randomUUID())
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + ASSERTION_LIFETIME_SECONDS)
        .sign(await signingKey.load());
      request.conceal(assertion);
      request.parameters.set('client_id', clientId);
      request.parameters.set(
        'client_assertion_type',
        'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      );
      request.parameters.set('client_assertion', assertion);
    },
  };
}
