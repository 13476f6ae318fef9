import { describe, expect, it } from 'vitest';
import { cacheLifetimeSeconds } from '../src/cache-lifetime.ts';

const BOUNDS = { min: 60, default: 300, max: 600 };

describe('cacheLifetimeSeconds', () => {
  it.each([
    [{}, 300],
    [{ 'cache-control': '' }, 300],
    [{ 'cache-control': 'max-age=120' }, 120],
    [{ 'cache-control': 'PUBLIC, MAX-AGE="120"' }, 120],
    [{ 'cache-control': 'max-age=120', age: '30' }, 90],
    [{ 'cache-control': 'max-age=120', age: '-30' }, 120],
    [{ 'cache-control': 'max-age=120', age: '500' }, 60],
    [{ 'cache-control': 'max-age=31536000' }, 600],
    [{ 'cache-control': 'max-age=0' }, 60],
    [{ 'cache-control': 'no-store' }, 60],
    [{ 'cache-control': 'max-age=500, no-cache' }, 60],
    [{ 'cache-control': 'max-age=-5' }, 300],
    [{ 'cache-control': 'max-age=nonsense' }, 300],
    [{ 'cache-control': 's-maxage=10' }, 300],
    [{ 'cache-control': `max-age=${'9'.repeat(400)}` }, 300],
  ])('makes %j %i seconds', (headers, expected) => {
    expect(cacheLifetimeSeconds(new Headers(headers), BOUNDS)).toBe(expected);
  });
});
