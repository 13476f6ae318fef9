import { base64url, type CryptoKey } from 'jose';

/** Issues and checks DPoP nonces without keeping any. */
export interface NonceAuthority {
  /** The nonce to hand out now. */
  readonly current: () => Promise<string>;
  /** Whether a nonce was handed out by this or an equally keyed authority, lately. */
  readonly accepts: (nonce: string) => Promise<boolean>;
}

/** How {@link createNonceAuthority} makes nonces. */
export interface NonceAuthorityOptions {
  /** At least 32 bytes, the same on every instance of a server. Default: random, for this instance alone. */
  readonly secret?: Uint8Array | undefined;
  /** How long a nonce is the current one, 1 to 3600; it is accepted for twice that. Default 150 seconds. */
  readonly lifetimeSeconds?: number | undefined;
  readonly now: () => number;
}

/**
 * Makes nonces out of the time and a secret: the HMAC of the current period. The one of the period before is
 * still accepted, so that no request fails when the period ends.
 *
 * Nonces are the same for all clients: they bound the age of proofs, and the replay store does the rest.
 *
 * @throws TypeError for a secret that is too short and a lifetime out of range
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-9 | RFC 9449 §9}
 */
export function createNonceAuthority({
  secret,
  lifetimeSeconds = 150,
  now,
}: NonceAuthorityOptions): NonceAuthority {
  if (secret !== undefined && !(secret instanceof Uint8Array && secret.length >= 32)) {
    throw new TypeError('dpop.nonce.secret must be at least 32 random bytes.');
  }
  if (typeof lifetimeSeconds !== 'number' || !(lifetimeSeconds >= 1 && lifetimeSeconds <= 3600)) {
    throw new TypeError('dpop.nonce.lifetimeSeconds must be a number from 1 to 3600.');
  }
  // A copy, which nobody can change any more.
  const given = secret === undefined ? undefined : Uint8Array.from(secret);
  let imported: Promise<CryptoKey> | undefined;
  // Not before a nonce is needed: some runtimes give no random numbers until a request is there.
  const importSecret = (): Promise<CryptoKey> =>
    (imported ??= crypto.subtle.importKey(
      'raw',
      given ?? crypto.getRandomValues(new Uint8Array(32)),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign'],
    ));
  const known = new Map<number, Promise<string>>();

  const nonceOf = (period: number): Promise<string> => {
    let nonce = known.get(period);
    if (nonce === undefined) {
      nonce = sign(period);
      // Two periods are in use at a time.
      for (const other of known.keys()) if (Math.abs(other - period) > 1) known.delete(other);
      known.set(period, nonce);
    }
    return nonce;
  };

  const sign = async (period: number): Promise<string> => {
    const message = new TextEncoder().encode(`dpop-nonce ${period}`);
    return base64url.encode(new Uint8Array(await crypto.subtle.sign('HMAC', await importSecret(), message)));
  };

  const period = (): number => Math.floor(now() / 1000 / lifetimeSeconds);

  return {
    current: () => nonceOf(period()),
    accepts: async (nonce) => nonce === (await nonceOf(period())) || nonce === (await nonceOf(period() - 1)),
  };
}
