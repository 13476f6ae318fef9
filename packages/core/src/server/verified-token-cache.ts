import type { VerifiedToken } from './access-token.ts';

/** Tokens that were verified already, by the whole token. */
export interface VerifiedTokenCache {
  readonly get: (token: string) => VerifiedToken | undefined;
  readonly set: (token: string, verified: VerifiedToken) => void;
}

/** Bounds of {@link createVerifiedTokenCache}. */
export interface VerifiedTokenCacheOptions {
  /** Default 10,000; 0 keeps nothing. */
  readonly maxEntries?: number | undefined;
  /** Estimated, tokens and claims together. Default 32 MiB. */
  readonly maxBytes?: number | undefined;
}

// A token, its claims as objects and the entry around them take about this many times the token's length.
const BYTES_PER_CHARACTER = 4;

/**
 * Remembers verified tokens, in two generations: what was not used while a generation filled up is dropped
 * with it. A look-up costs one or two reads of a Map and nothing else.
 *
 * Only tokens that were verified get in, so random ones can neither evict good ones nor grow memory. The
 * key is the whole token: nothing shorter can collide. Says nothing about whether a token is still valid.
 */
export function createVerifiedTokenCache(options: VerifiedTokenCacheOptions = {}): VerifiedTokenCache {
  // Half of each bound for each generation.
  const maxEntries = Math.ceil((options.maxEntries ?? 10_000) / 2);
  const maxBytes = (options.maxBytes ?? 33_554_432) / 2;
  let young = new Map<string, VerifiedToken>();
  let old = new Map<string, VerifiedToken>();
  let bytes = 0;

  const set = (token: string, verified: VerifiedToken): void => {
    const size = token.length * BYTES_PER_CHARACTER;
    if (maxEntries === 0 || size > maxBytes) return;
    if (young.size >= maxEntries || bytes + size > maxBytes) {
      old = young;
      young = new Map();
      bytes = 0;
    }
    if (!young.has(token)) bytes += size;
    young.set(token, verified);
  };

  return {
    get: (token) => {
      const found = young.get(token);
      if (found !== undefined) return found;
      const aged = old.get(token);
      if (aged !== undefined) set(token, aged);
      return aged;
    },
    set,
  };
}
