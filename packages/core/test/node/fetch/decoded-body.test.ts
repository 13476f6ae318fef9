import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { startLoopbackServer } from '../../loopback-server.ts';
import { openFetch, refusalOf } from './open-fetch.ts';

const LOCAL = { allowLoopback: true };

describe('a content coding that was not asked for', () => {
  it.each([
    ['gzip', gzipSync('{"a":1}')],
    ['X-GZip', gzipSync('{"a":1}')],
    ['deflate', deflateSync('{"a":1}')],
    ['br', brotliCompressSync('{"a":1}')],
  ])('is decoded: %s', async (coding, body) => {
    const server = await startLoopbackServer(() => ({ headers: { 'content-encoding': coding }, body }));
    expect(await (await openFetch(LOCAL)(server.origin)).json()).toEqual({ a: 1 });
  });

  it.each(['zstd', 'gzip, gzip', 'compress', '__proto__'])('is refused: %s', async (coding) => {
    const server = await startLoopbackServer(() => ({ headers: { 'content-encoding': coding }, body: 'x' }));
    expect((await refusalOf(openFetch(LOCAL)(server.origin))).code).toBe('content_encoding_refused');
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('M11: ends a bomb of %s, however patient the reader', async (coding, compress) => {
    const body = compress(Buffer.alloc(50_000_000));
    const server = await startLoopbackServer(() => ({ headers: { 'content-encoding': coding }, body }));
    const response = await openFetch(LOCAL)(server.origin);
    let read = 0;
    const drain = async (): Promise<void> => {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) read += chunk.length;
    };
    expect((await refusalOf(drain())).code).toBe('content_encoding_refused');
    expect(read).toBeLessThan(12_000_000);
  });
});
