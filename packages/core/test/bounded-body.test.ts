import { describe, expect, it } from 'vitest';
import { BodyTooLargeError, readBoundedBody } from '../src/bounded-body.ts';

function chunked(...chunks: number[]): { response: Response; cancelled: () => boolean } {
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const size = chunks.shift();
      if (size === undefined) controller.close();
      else controller.enqueue(new Uint8Array(size).fill(size));
    },
    cancel() {
      isCancelled = true;
    },
  });
  return { response: new Response(body), cancelled: () => isCancelled };
}

describe('readBoundedBody', () => {
  it('joins chunks in order, up to the bound exactly', async () => {
    const { response } = chunked(1, 2, 3);
    expect([...(await readBoundedBody(response, 6))]).toEqual([1, 2, 2, 3, 3, 3]);
  });

  it('takes one chunk, no chunk and no body', async () => {
    expect((await readBoundedBody(chunked(5).response, 5)).byteLength).toBe(5);
    expect((await readBoundedBody(chunked().response, 0)).byteLength).toBe(0);
    expect((await readBoundedBody(new Response(null), 0)).byteLength).toBe(0);
  });

  it('stops at the first byte too many and cancels the rest', async () => {
    const { response, cancelled } = chunked(3, 4, 1000);
    await expect(readBoundedBody(response, 6)).rejects.toThrow(BodyTooLargeError);
    expect(cancelled()).toBe(true);
  });

  it('fails as the stream fails', async () => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('cut')) });
    await expect(readBoundedBody(new Response(body), 10)).rejects.toThrow('cut');
  });
});
