import { randomBytes, type KeyObject } from 'node:crypto';

import { AuthorizationServerError } from '../authorization-server-error.ts';
import { openSealedText, sealText } from '../keys/sealed-text.ts';
import type { Database } from './database.ts';

const BYTES = 32;

/**
 * Loads 32 random bytes that all instances share under a name; whichever asks first makes them.
 *
 * @param database - where they are kept, encrypted
 * @param sealKey - encrypts them
 * @param name - what they are for
 * @param createdAt - milliseconds, recorded with new ones
 * @throws AuthorizationServerError `database_key_mismatch` when they were sealed under another key
 */
export async function loadSharedBytes(
  { transact }: Database,
  sealKey: KeyObject,
  name: string,
  createdAt: number,
): Promise<Uint8Array> {
  const fresh = sealText(sealKey, randomBytes(BYTES).toString('base64url'), name);
  const { sealed_value: sealed } = await transact(async (transaction) => {
    await transaction
      .insertInto('shared_values')
      .values({ name, sealed_value: fresh, created_at: createdAt })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return await transaction
      .selectFrom('shared_values')
      .select('sealed_value')
      .where('name', '=', name)
      .executeTakeFirstOrThrow();
  });
  try {
    return Buffer.from(openSealedText(sealKey, sealed, name), 'base64url');
  } catch {
    throw new AuthorizationServerError(
      'database_key_mismatch',
      'secretKey is not the one this database was created with: a value that its instances share cannot be decrypted. Start with the original secretKey, or with a new database.',
    );
  }
}
