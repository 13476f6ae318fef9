import type { KeyObject } from 'node:crypto';

import type { JWK } from 'jose';

import { AuthorizationServerError } from '../authorization-server-error.ts';
import type { KeyRecord } from './key-schedule.ts';
import { openSealedText, sealText } from './sealed-text.ts';
import type { SigningAlgorithm } from './signing-algorithm.ts';
import { createSignBytes, generateSigningKey, type SigningKey } from './signing-key.ts';

/**
 * Makes a new key, its private part encrypted.
 *
 * @param seal - what encrypts it
 */
export async function makeKeyRecord(
  algorithm: SigningAlgorithm,
  seal: KeyObject,
  times: Pick<KeyRecord, 'state' | 'createdAt' | 'activeFrom'>,
): Promise<KeyRecord> {
  const { keyId, publicJwk, privateJwk } = await generateSigningKey(algorithm);
  const sealedPrivateJwk = sealText(seal, JSON.stringify(privateJwk), keyId);
  return { keyId, algorithm, publicJwk, sealedPrivateJwk, ...times, retiresAt: undefined };
}

/**
 * Makes a stored key sign.
 *
 * @throws AuthorizationServerError `database_key_mismatch` when it was sealed under another key
 */
export function openKey(record: KeyRecord, sealedPrivateJwk: string, seal: KeyObject): SigningKey {
  const { keyId, algorithm, publicJwk } = record;
  let privateJwk: string;
  try {
    privateJwk = openSealedText(seal, sealedPrivateJwk, keyId);
  } catch {
    throw new AuthorizationServerError(
      'database_key_mismatch',
      'secretKey is not the one this database was created with: its signing key cannot be decrypted. Start with the original secretKey, or with a new database.',
    );
  }
  return { keyId, algorithm, publicJwk, sign: createSignBytes(JSON.parse(privateJwk) as JWK, algorithm) };
}
