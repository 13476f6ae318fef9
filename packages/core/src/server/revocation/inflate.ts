import { readBoundedBody } from '../../bounded-body.ts';

/**
 * Decompresses zlib data, up to a bound, so that a small list cannot fill memory.
 *
 * @throws Error past the bound or for data that is not zlib
 * @see {@link https://www.rfc-editor.org/rfc/rfc1950 | RFC 1950}
 */
export function inflateBounded(compressed: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const stream = new Blob([Uint8Array.from(compressed)]).stream();
  return readBoundedBody(new Response(stream.pipeThrough(new DecompressionStream('deflate'))), maxBytes);
}
