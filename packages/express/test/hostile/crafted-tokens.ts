import { createPublicKey, KeyObject, sign, type JsonWebKey } from 'node:crypto';
import type { SigningKey, TestAuthority } from '@mcp-m2m/testing';
import { CompactEncrypt, importJWK } from 'jose';
import { RESOURCE } from '../protected-app.ts';

/** Ways to make tokens that are right but for one thing. */
export type CraftedTokens = ReturnType<typeof craftTokens>;

/**
 * @param authority - whose key signs unless said otherwise
 * @param attacker - a key that the authority does not publish
 */
export function craftTokens(authority: TestAuthority, attacker: SigningKey) {
  const { publicJwk } = authority.signingKey;
  const publicKey = createPublicKey({ key: publicJwk, format: 'jwk' });
  const header = () => ({ alg: 'ES256', typ: 'at+jwt', kid: authority.signingKey.keyId });
  const claims = () => {
    const iat = Math.floor(authority.now() / 1000);
    const identity = {
      iss: authority.issuer,
      aud: RESOURCE,
      sub: 'job',
      client_id: 'job',
      scope: 'deploy:read',
    };
    return { ...identity, iat, exp: iat + 300, jti: 'j1' };
  };
  const parts = () => authority.mint().split('.') as [string, string, string];
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const hmac = (secret: string | Uint8Array, extra: Readonly<Record<string, unknown>> = {}) =>
    authority.mint({}, { algorithm: 'HS256', key: Buffer.from(secret), header: extra });

  return {
    header,
    claims,
    parts,
    hmac,
    hmacWithPem: () => hmac(publicKey.export({ type: 'spki', format: 'pem' })),
    hmacWithDer: () => hmac(publicKey.export({ type: 'spki', format: 'der' })),
    hmacWithJwk: () => hmac(JSON.stringify(publicJwk)),
    /** The claims exactly as given, signed. */
    withPayload: (payload: string | Uint8Array) => authority.mintRaw({ header: header(), payload }),
    /** The usual claims as text, changed, signed. */
    withChangedPayload: (change: (json: string) => string) =>
      authority.mintRaw({ header: header(), payload: change(JSON.stringify(claims())) }),
    /** Header parameters added or replaced, signed. */
    withHeader: (extra: Readonly<Record<string, unknown>>) => authority.mint({}, { header: extra }),
    /** Signed by the attacker, under the attacker's key id unless `extra` names another. */
    forged: (extra: Readonly<Record<string, unknown>>) =>
      authority.mint({}, { key: attacker, header: extra }),
    /** A valid token whose signature is put through `change`. */
    withSignature: (change: (valid: Buffer) => Uint8Array) => {
      const [first, second, third] = parts();
      const changed = Buffer.from(change(Buffer.from(third, 'base64url')));
      return `${first}.${second}.${changed.toString('base64url')}`;
    },
    signedInDer: () => {
      const input = `${encode(header())}.${encode(claims())}`;
      const key = { key: KeyObject.from(authority.signingKey.privateKey), dsaEncoding: 'der' } as const;
      return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
    },
    /** In the alphabet of ordinary base64, with at least one character that differs. */
    inOrdinaryBase64: (): string => {
      for (;;) {
        const token = authority.mint();
        if (/[-_]/.test(token)) return token.replaceAll('-', '+').replaceAll('_', '/');
      }
    },
    serializedAsJson: () => {
      const [first, payload, signature] = parts();
      return JSON.stringify({ payload, protected: first, signature });
    },
    encrypted: async () => {
      const { kty, crv, x, y } = publicJwk as Record<string, string>;
      const key = await importJWK({ kty, crv, x, y } as JsonWebKey, 'ECDH-ES');
      return new CompactEncrypt(Buffer.from(authority.mint()))
        .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', typ: 'at+jwt', cty: 'JWT' })
        .encrypt(key);
    },
  };
}
