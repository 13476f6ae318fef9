import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/** The keys derived from the owner's `secretKey`, one per purpose. */
export interface DerivedKeys {
  /** HMAC-SHA-256 key for client secrets. */
  readonly clientSecretMac: KeyObject;
  /** AES-256-GCM key for private signing keys at rest. */
  readonly signingKeySeal: KeyObject;
  /** AES-256-GCM key for answers of the administrative API that may be repeated. */
  readonly idempotentAnswerSeal: KeyObject;
  /** AES-256-GCM key for random values that instances share. */
  readonly sharedValueSeal: KeyObject;
}

/**
 * Derives one key per purpose, so that no key is ever used for two.
 *
 * @param secretKey - at least 32 bytes
 * @see {@link https://www.rfc-editor.org/rfc/rfc5869 | RFC 5869}
 */
export function deriveKeys(secretKey: Uint8Array): DerivedKeys {
  return {
    clientSecretMac: deriveKey(secretKey, 'mcp-m2m/authorization-server/client-secret-mac/v1'),
    idempotentAnswerSeal: deriveKey(secretKey, 'mcp-m2m/authorization-server/idempotent-answer-seal/v1'),
    sharedValueSeal: deriveKey(secretKey, 'mcp-m2m/authorization-server/shared-value-seal/v1'),
    signingKeySeal: deriveKey(secretKey, 'mcp-m2m/authorization-server/signing-key-seal/v1'),
  };
}

function deriveKey(secretKey: Uint8Array, info: string): KeyObject {
  return createSecretKey(new Uint8Array(hkdfSync('sha256', secretKey, new Uint8Array(0), info, 32)));
}
