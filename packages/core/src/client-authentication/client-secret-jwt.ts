import { SignJWT } from 'jose';
import { assertKnownOptions } from '../known-options.ts';
import {
  addClientAssertion,
  assertClientAssertionOptions,
  type ClientAssertionOptions,
} from './client-assertion.ts';
import type { ClientAuthentication } from './client-authentication.ts';
import {
  assertClientSecret,
  readNotedSecret,
  type ClientSecret,
  type DescribeSecretProblem,
} from './client-secret.ts';
import { revisionOf } from './credential-revision.ts';

/** Symmetric signature algorithms of JWS. */
export type SymmetricAlgorithm = 'HS256' | 'HS384' | 'HS512';

/** Options of {@link clientSecretJwt}. */
export interface ClientSecretJwtOptions extends ClientAssertionOptions {
  /**
   * The secret, or a function that reads it at every token request. As many bytes in UTF-8 as the hash has, at
   * least: 32, 48 or 64.
   */
  readonly clientSecret: ClientSecret;
  /** How it signs. */
  readonly algorithm: SymmetricAlgorithm;
}

const HASH_BYTES: Readonly<Record<SymmetricAlgorithm, number>> = { HS256: 32, HS384: 48, HS512: 64 };

/**
 * Authenticates with an assertion signed by the client's secret, which itself is not sent: `iss` and `sub` are the
 * client's id, the issuer is the sole audience, each is valid for 60 seconds and used once.
 *
 * @throws TypeError for a secret that is missing, too short for the algorithm or ends in a line break
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#ClientAuthentication | OpenID Connect Core §9},
 *   {@link https://www.rfc-editor.org/rfc/rfc7518#section-3.2 | RFC 7518 §3.2} (length of the secret)
 */
export function clientSecretJwt(options: ClientSecretJwtOptions): ClientAuthentication {
  assertKnownOptions(options, ['clientSecret', 'algorithm', 'audience', 'type'], 'clientSecretJwt');
  const { clientSecret, algorithm, audience, type } = options;
  if (typeof algorithm !== 'string' || !Object.hasOwn(HASH_BYTES, algorithm)) {
    throw new TypeError(`algorithm must be one of ${Object.keys(HASH_BYTES).join(', ')}.`);
  }
  const describeShortness: DescribeSecretProblem = (secret) =>
    new TextEncoder().encode(secret).length < HASH_BYTES[algorithm]
      ? `is too short: ${algorithm} takes at least ${HASH_BYTES[algorithm]} bytes.`
      : undefined;
  assertClientSecret(clientSecret, describeShortness);
  assertClientAssertionOptions(options);
  return {
    method: 'client_secret_jwt',
    algorithm,
    async authenticate(request, context) {
      const secret = await readNotedSecret(request, clientSecret, describeShortness);
      request.conceal(secret);
      const key = new TextEncoder().encode(secret);
      await addClientAssertion(request, context, { alg: algorithm }, { audience, type }, (header, claims) =>
        new SignJWT(claims).setProtectedHeader({ ...header }).sign(key),
      );
    },
    ...(typeof clientSecret === 'function' ? { revision: () => revisionOf(clientSecret) } : {}),
  };
}
