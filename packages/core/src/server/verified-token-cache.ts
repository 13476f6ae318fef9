import type { VerifiedToken } from './access-token.ts';
import { copyText } from './copied-text.ts';

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

// A token, its claims as objects and the entry around them.
const BYTES_PER_CHARACTER = 4;
const BYTES_PER_ENTRY = 1024;

// Hashing a whole token takes longer than all else about a look-up: the end of its signature is enough to find an
// entry, and the whole token decides whether it is the one.
const KEY_LENGTH = 32;

interface Entry {
  readonly token: string;
  readonly verified: VerifiedToken;
}

/**
 * Remembers verified tokens, in two generations: what was not used while a generation filled up is dropped
 * with it. A look-up costs one or two reads of a Map and one comparison.
 *
 * Only tokens that were verified get in, so random ones can neither evict good ones nor grow memory. An entry
 * counts for its whole token and nothing shorter. Says nothing about whether a token is still valid.
 */
export function createVerifiedTokenCache(options: VerifiedTokenCacheOptions = {}): VerifiedTokenCache {
  // Half of each bound for each generation.
  const bound = options.maxEntries ?? 10_000;
  const maxEntries = bound === 1 ? 1 : Math.floor(bound / 2);
  const maxBytes = (options.maxBytes ?? 33_554_432) / 2;
  let young = new Map<string, Entry>();
  let old = new Map<string, Entry>();
  let bytes = 0;

  const set = (token: string, verified: VerifiedToken): void => {
    const size = sizeOf(token);
    if (maxEntries === 0 || size > maxBytes) return;
    if (young.size >= maxEntries || bytes + size > maxBytes) {
      // One entry in each generation would be one too many.
      old = bound === 1 ? new Map() : young;
      young = new Map();
      bytes = 0;
    }
    const key = token.slice(-KEY_LENGTH);
    const replaced = young.get(key);
    bytes += size - (replaced === undefined ? 0 : sizeOf(replaced.token));
    young.set(copyText(key), { token: copyText(token), verified });
  };

  return {
    get: (token) => {
      const key = token.slice(-KEY_LENGTH);
      const found = young.get(key);
      if (found?.token === token) return found.verified;
      const aged = old.get(key);
      if (aged?.token !== token) return undefined;
      set(token, aged.verified);
      return aged.verified;
    },
    set,
  };
}

function sizeOf(token: string): number {
  return BYTES_PER_ENTRY + token.length * BYTES_PER_CHARACTER;
}
