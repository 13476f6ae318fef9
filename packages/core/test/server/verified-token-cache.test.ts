import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VerifiedToken } from '../../src/server/access-token.ts';
import { createVerifiedTokenCache } from '../../src/server/verified-token-cache.ts';

const value = (name: string): VerifiedToken => ({ claims: { name } }) as unknown as VerifiedToken;
const countOf = (cache: ReturnType<typeof createVerifiedTokenCache>, tokens: readonly string[]): number =>
  tokens.filter((token) => cache.get(token) !== undefined).length;

describe('the cache of verified tokens', () => {
  it('finds what was put in, by the whole token', () => {
    const cache = createVerifiedTokenCache();
    const verified = value('a');
    cache.set('token', verified);
    expect(cache.get('token')).toBe(verified);
    expect(cache.get('toke')).toBeUndefined();
    expect(cache.get('__proto__')).toBeUndefined();
  });

  it('replaces what is known of a token', () => {
    const cache = createVerifiedTokenCache();
    const [first, second] = [value('1'), value('2')];
    cache.set('token', first);
    cache.set('token', second);
    expect(cache.get('token')).toBe(second);
  });

  it('keeps within its entries, whatever is put in and asked for', () => {
    const step = fc.record({ token: fc.integer({ min: 0, max: 40 }).map(String), get: fc.boolean() });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 12 }),
        fc.array(step, { maxLength: 200 }),
        (maxEntries, steps) => {
          const cache = createVerifiedTokenCache({ maxEntries });
          for (const { token, get } of steps) {
            const found = get ? cache.get(token) : undefined;
            if (!get) cache.set(token, value(token));
            expect(found?.claims.name ?? token).toBe(token);
          }
          // Read in one pass: finding an entry may move others out, and never in.
          expect(
            countOf(
              cache,
              Array.from({ length: 41 }, (_, index) => String(index)),
            ),
          ).toBeLessThanOrEqual(maxEntries);
        },
      ),
    );
  });

  it('keeps within its bytes: long tokens count for more', () => {
    const tokens = (length: number): string[] =>
      Array.from({ length: 100 }, (_, index) => `${index}`.padStart(length, 'x'));
    const [short, long] = [tokens(100), tokens(4000)];
    const cacheShort = createVerifiedTokenCache({ maxBytes: 400_000 });
    const cacheLong = createVerifiedTokenCache({ maxBytes: 400_000 });
    for (const token of short) cacheShort.set(token, value('x'));
    for (const token of long) cacheLong.set(token, value('x'));
    expect(countOf(cacheShort, short)).toBe(100);
    expect(countOf(cacheLong, long)).toBeLessThanOrEqual(24);
    expect(countOf(cacheLong, long.slice(-4))).toBe(4);
  });

  it('does not count a token twice that is put in again and again', () => {
    const cache = createVerifiedTokenCache({ maxBytes: 100_000 });
    cache.set('first', value('first'));
    for (let index = 0; index < 1000; index++) cache.set('same', value('same'));
    cache.set('last', value('last'));
    expect(countOf(cache, ['first', 'same', 'last'])).toBe(3);
  });

  it('tells tokens apart that differ in their first character alone', () => {
    const cache = createVerifiedTokenCache();
    const rest = 'x'.repeat(500);
    cache.set(`a${rest}`, value('a'));
    expect(cache.get(`b${rest}`)).toBeUndefined();
    cache.set(`b${rest}`, value('b'));
    expect(cache.get(`b${rest}`)?.claims.name).toBe('b');
    expect(cache.get(`a${rest}`)?.claims.name ?? 'a').toBe('a');
  });

  it('does not take a token that is longer than its share', () => {
    const cache = createVerifiedTokenCache({ maxBytes: 10_000 });
    cache.set('kept', value('kept'));
    cache.set('x'.repeat(5000), value('long'));
    expect(cache.get('x'.repeat(5000))).toBeUndefined();
    expect(cache.get('kept')).toBeDefined();
  });

  it('keeps one entry where it may keep one', () => {
    const cache = createVerifiedTokenCache({ maxEntries: 1 });
    cache.set('a', value('a'));
    cache.set('b', value('b'));
    expect([cache.get('a'), cache.get('b')?.claims.name]).toEqual([undefined, 'b']);
  });
});
