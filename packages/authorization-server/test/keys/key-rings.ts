import { randomUUID } from 'node:crypto';

import { deriveKeys } from '../../src/keys/derived-keys.ts';
import { openKeyRing, type KeyRing, type KeyRingOptions } from '../../src/keys/key-ring.ts';
import { signJwt } from '../../src/keys/sign-jwt.ts';
import type { Database } from '../../src/store/database.ts';
import { createSigningKeyStore } from '../../src/store/signing-key-store.ts';
import { SECRET_KEY } from '../running-server.ts';

/** An instance as far as its keys go: what it reports, and tokens signed with its current key. */
export interface KeyInstance {
  readonly ring: KeyRing;
  readonly events: { readonly type: string; readonly keyId?: string }[];
  /** Signs a token, as a token request would. */
  issue(claims: Readonly<Record<string, unknown>>): Promise<string>;
}

export const HOUR_MS = 3_600_000;

/** Opens the keys of an instance; several may share a database. */
export async function openInstance(
  database: Database,
  options: Partial<KeyRingOptions> & Pick<KeyRingOptions, 'now'>,
): Promise<KeyInstance> {
  const events: KeyInstance['events'] = [];
  const ring = await openKeyRing({
    store: createSigningKeyStore(database),
    seal: deriveKeys(new TextEncoder().encode(SECRET_KEY)).signingKeySeal,
    algorithm: undefined,
    signers: [],
    rotationIntervalSeconds: 30 * 86_400,
    report: async (event: KeyInstance['events'][number]) => void events.push(event),
    ...options,
  });
  return {
    ring,
    events,
    async issue(claims) {
      await ring.refresh();
      const iat = Math.floor(options.now() / 1000);
      return await signJwt(ring.current(), 'at+jwt', { iat, exp: iat + 300, jti: randomUUID(), ...claims });
    },
  };
}
