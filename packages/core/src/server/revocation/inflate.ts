/**
 * Decompresses zlib data, up to a bound, so that a small list cannot fill memory.
 *
 * @throws Error past the bound or for data that is not zlib
 * @see {@link https://www.rfc-editor.org/rfc/rfc1950 | RFC 1950}
 */
export async function inflateBounded(compressed: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const stream = new Blob([Uint8Array.from(compressed)])
    .stream()
    .pipeThrough(new DecompressionStream('deflate'));
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
