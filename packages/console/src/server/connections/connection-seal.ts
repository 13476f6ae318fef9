import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';

/** Encrypts the credentials of connections. */
export interface ConnectionSeal {
  /** @param context - what the result is bound to: it opens only with the same */
  seal(text: string, context: string): string;
  /** @throws Error where the key or the context is another, or the text was changed */
  open(sealed: string, context: string): string;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Makes the seal of connections: AES-256-GCM with a fresh random nonce, under a key derived for this purpose alone.
 *
 * @param secretKey - the owner's
 * @see {@link https://www.rfc-editor.org/rfc/rfc5869 | RFC 5869}
 */
export function createConnectionSeal(secretKey: Uint8Array): ConnectionSeal {
  const info = 'mcp-m2m/console/connection-seal/v1';
  const key = createSecretKey(new Uint8Array(hkdfSync('sha256', secretKey, new Uint8Array(0), info, 32)));
  return {
    seal(text, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
      const parts = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
      return Buffer.concat(parts).toString('base64url');
    },
    open(sealed, context) {
      const bytes = Buffer.from(sealed, 'base64url');
      if (bytes.byteLength < NONCE_BYTES + TAG_BYTES) throw new Error('sealed text is too short');
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(-TAG_BYTES));
      return (
        decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      );
    },
  };
}
