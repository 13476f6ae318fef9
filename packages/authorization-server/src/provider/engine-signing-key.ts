import { createPublicKey, type JsonWebKey } from 'node:crypto';

import { ExternalSigningKey } from 'oidc-provider';

import type { SigningKey } from '../keys/signing-key.ts';

/**
 * Turns a signing key into one of the engine's external signing keys, so that keys of our own and those of a key
 * management service take the same way.
 */
export function toEngineKey({ keyId, algorithm, publicJwk, sign }: SigningKey): ExternalSigningKey {
  return Object.assign(new ExternalSigningKey(), {
    kid: keyId,
    alg: algorithm,
    keyObject: () => createPublicKey({ key: publicJwk as JsonWebKey, format: 'jwk' }),
    sign,
  });
}
