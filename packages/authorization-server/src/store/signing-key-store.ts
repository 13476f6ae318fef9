import type { KeyObject } from 'node:crypto';

import type { JWK } from 'jose';

import { AuthorizationServerError } from '../authorization-server-error.ts';
import type { PublicJwk } from '../keys/public-jwk.ts';
import { openSealedText, sealText } from '../keys/sealed-text.ts';
import { generateSigningKey, SIGNING_ALGORITHM, type SigningKey } from '../keys/signing-key.ts';
import type { Database } from './database.ts';

/** The current signing key, and whether it was created just now. */
export interface LoadedSigningKey {
  readonly key: SigningKey;
  readonly created: boolean;
}

/**
 * Loads the signing key, creating it on the first start. The private part is stored encrypted.
 *
 * @param database - where it is kept
 * @param sealKey - encrypts the private part
 * @param createdAt - milliseconds, recorded with a new key
 * @throws AuthorizationServerError `database_key_mismatch` when it was sealed under another key
 */
export async function loadSigningKey(
  { transact }: Database,
  sealKey: KeyObject,
  createdAt: number,
): Promise<LoadedSigningKey> {
  const fresh = await generateSigningKey();
  return await transact(async (transaction) => {
    const row = await transaction
      .selectFrom('signing_keys')
      .select(['id', 'public_jwk', 'sealed_private_jwk'])
      .where('state', '=', 'current')
      .executeTakeFirst();
    if (row !== undefined) {
      return { key: unseal(row.id, row.public_jwk, row.sealed_private_jwk, sealKey), created: false };
    }
    await transaction
      .insertInto('signing_keys')
      .values({
        id: fresh.keyId,
        algorithm: SIGNING_ALGORITHM,
        public_jwk: JSON.stringify(fresh.publicJwk),
        sealed_private_jwk: sealText(sealKey, JSON.stringify(fresh.privateJwk), fresh.keyId),
        state: 'current',
        created_at: createdAt,
      })
      .execute();
    return { key: fresh, created: true };
  });
}

function unseal(keyId: string, publicJwk: string, sealedPrivateJwk: string, sealKey: KeyObject): SigningKey {
  let privateJwk: string;
  try {
    privateJwk = openSealedText(sealKey, sealedPrivateJwk, keyId);
  } catch {
    throw new AuthorizationServerError(
      'database_key_mismatch',
      'secretKey is not the one this database was created with: its signing key cannot be decrypted. Start with the original secretKey, or with a new database.',
    );
  }
  return {
    keyId,
    publicJwk: JSON.parse(publicJwk) as PublicJwk,
    privateJwk: JSON.parse(privateJwk) as JWK,
  };
}
