import { generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';

/** Who signs: a key of the issuer, by the name it is published under, or a stranger's. */
export type SignerName =
  | 'es256'
  | 'es256-second'
  | 'es256-plain'
  | 'es256-verify-only'
  | 'es256-for-encryption'
  | 'es256-for-signing-only'
  | 'es256-leaked'
  | 'es256-namesake'
  | 'es384-twice'
  | 'es512'
  | 'rs256'
  | 'rsa-plain'
  | 'ps256'
  | 'rsa-weak'
  | 'eddsa'
  | 'ed25519-plain'
  | 'stranger';

/** A private key, and the algorithm it signs with unless a token says otherwise. */
export interface Signer {
  readonly algorithm: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** The `kid` that its tokens carry by default. */
  readonly keyId: string;
}

/** The keys that tokens are signed with, and the document that the issuer publishes of them. */
export interface PublishedKeys {
  readonly signers: Readonly<Record<SignerName, Signer>>;
  readonly document: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
}

/** Generates a key set with sound keys, keys for other purposes, and accidents that happen to providers. */
export function createPublishedKeys(): PublishedKeys {
  const keys: Readonly<Record<string, unknown>>[] = [];

  const make = (
    name: SignerName,
    algorithm: string,
    ...entries: Readonly<Record<string, unknown>>[]
  ): Signer => {
    const { privateKey, publicKey } = generateFor(algorithm, name === 'rsa-weak' ? 1536 : 2048);
    const jwk: JsonWebKey = publicKey.export({ format: 'jwk' });
    for (const entry of entries) keys.push({ ...jwk, kid: name, ...entry });
    if (name === 'es256-leaked') keys.push({ ...privateKey.export({ format: 'jwk' }), kid: name });
    return { algorithm, privateKey, publicKey, keyId: name };
  };

  const signers: Record<SignerName, Signer> = {
    es256: make('es256', 'ES256', { alg: 'ES256', use: 'sig' }),
    'es256-second': make('es256-second', 'ES256', { alg: 'ES256', use: 'sig' }),
    'es256-plain': make('es256-plain', 'ES256', {}),
    'es256-verify-only': make('es256-verify-only', 'ES256', { key_ops: ['verify'] }),
    'es256-for-encryption': make('es256-for-encryption', 'ES256', { alg: 'ES256', use: 'enc' }),
    'es256-for-signing-only': make('es256-for-signing-only', 'ES256', { key_ops: ['sign'] }),
    'es256-leaked': make('es256-leaked', 'ES256'),
    // Another key goes by the same id.
    'es256-namesake': make('es256-namesake', 'ES256', { kid: 'es256-second-namesake' }),
    'es384-twice': make('es384-twice', 'ES384', { alg: 'ES384' }, { alg: 'ES384' }),
    es512: make('es512', 'ES512', { alg: 'ES512', use: 'sig' }),
    rs256: make('rs256', 'RS256', { alg: 'RS256', use: 'sig' }),
    'rsa-plain': make('rsa-plain', 'RS256', { use: 'sig' }),
    ps256: make('ps256', 'PS256', { alg: 'PS256', use: 'sig' }),
    'rsa-weak': make('rsa-weak', 'RS256', { use: 'sig' }),
    eddsa: make('eddsa', 'EdDSA', { alg: 'EdDSA', use: 'sig' }),
    'ed25519-plain': make('ed25519-plain', 'EdDSA', { use: 'sig' }),
    stranger: make('stranger', 'ES256'),
  };
  const namesake = generateFor('ES256', 0).publicKey.export({ format: 'jwk' });
  keys.push({ ...namesake, kid: 'es256-second-namesake' });
  keys.push({ kty: 'oct', k: 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0', kid: 'secret', alg: 'HS256' });
  return {
    signers: {
      ...signers,
      'es256-namesake': { ...signers['es256-namesake'], keyId: 'es256-second-namesake' },
    },
    document: { keys },
  };
}

function generateFor(
  algorithm: string,
  modulusLength: number,
): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  switch (algorithm) {
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case 'ES384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' });
    case 'ES512':
      return generateKeyPairSync('ec', { namedCurve: 'P-521' });
    case 'EdDSA':
      return generateKeyPairSync('ed25519');
    default:
      return generateKeyPairSync('rsa', { modulusLength });
  }
}
