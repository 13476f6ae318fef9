import { createAssertionSigner, type AssertionSignerOptions } from './assertion-signer.ts';
import { assertKnownOptions } from '../known-options.ts';
import {
  addClientAssertion,
  assertClientAssertionOptions,
  type ClientAssertionOptions,
} from './client-assertion.ts';
import type { ClientAuthentication } from './client-authentication.ts';

/** What of {@link privateKeyJwt} does not depend on where the key is. */
export interface PrivateKeyAssertionOptions extends ClientAssertionOptions {
  /**
   * `x5t#S256` of the header: the SHA-256 of the certificate that holds the public key, in Base64url without
   * padding. For servers that know keys by their certificate, such as Entra ID.
   */
  readonly certificateThumbprint?: string | undefined;
}

/** Options of {@link privateKeyJwt}: a key at hand, or a function that signs. */
export type PrivateKeyJwtOptions = PrivateKeyAssertionOptions & AssertionSignerOptions;

/**
 * Authenticates with an assertion signed by the client's private key: `iss` and `sub` are the client's id,
 * the issuer is the sole audience, each is valid for 60 seconds and used once.
 *
 * A key is imported once, when it is first used; one that a function reads, once for each new value.
 *
 * @throws TypeError for a key that is not private, not PKCS #8, or does not fit the algorithm
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-3 | RFC 7523 §3},
 *   {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-rfc7523bis | RFC 7523bis} (type and audience)
 */
export function privateKeyJwt(options: PrivateKeyJwtOptions): ClientAuthentication {
  assertKnownOptions(
    options,
    ['key', 'sign', 'algorithm', 'keyId', 'audience', 'type', 'certificateThumbprint'],
    'privateKeyJwt',
  );
  const { algorithm, certificateThumbprint } = options;
  const signer = createAssertionSigner(options);
  assertCertificateThumbprint(certificateThumbprint);
  assertClientAssertionOptions(options);
  const { audience, type } = options;
  const header = {
    ...signer.header,
    ...(certificateThumbprint === undefined ? {} : { 'x5t#S256': certificateThumbprint }),
  };
  return {
    method: 'private_key_jwt',
    algorithm,
    authenticate: (request, context) =>
      addClientAssertion(request, context, header, { audience, type }, signer.sign),
    ...(signer.revision === undefined ? {} : { revision: signer.revision }),
  };
}

function assertCertificateThumbprint(thumbprint: unknown): void {
  if (thumbprint === undefined) return;
  if (typeof thumbprint === 'string' && /^[\w-]{42}[AEIMQUYcgkosw048]$/.test(thumbprint)) return;
  throw new TypeError(
    'certificateThumbprint must be the SHA-256 of the certificate in DER, in Base64url without padding: 43 characters. It is neither hexadecimal nor SHA-1.',
  );
}
