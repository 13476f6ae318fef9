import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { readRequestBody } from '../../src/node/index.ts';

/** A request as frameworks make it up for tests: a stream with headers that does not say when it is complete. */
function makeUp(chunks: readonly Buffer[], headers: Readonly<Record<string, string>>): IncomingMessage {
  const stream = new Readable({ autoDestroy: false, read: () => undefined });
  setImmediate(() => {
    for (const chunk of chunks) stream.push(chunk);
    stream.push(null);
  });
  return Object.assign(stream, { headers }) as unknown as IncomingMessage;
}

const BYTES = Buffer.from('{"text":"über"}');

describe('readRequestBody of a request that was made up', () => {
  it.each([
    ['whole', [BYTES]],
    ['in pieces', [BYTES.subarray(0, 10), BYTES.subarray(10)]],
  ])('reads it by its length and puts it back: %s', async (_, chunks) => {
    const request = makeUp(chunks, { 'content-length': String(BYTES.length) });
    expect(await readRequestBody(request)).toEqual({ outcome: 'read', value: { text: 'über' } });
    expect(await textOf(request)).toBe('{"text":"über"}');
  });

  it('knows that there is none at its end', async () => {
    expect(await readRequestBody(makeUp([], {}))).toEqual({ outcome: 'empty' });
  });

  it('does not take what it cannot put back', async () => {
    expect(await readRequestBody(makeUp([BYTES], {}))).toEqual({ outcome: 'aborted' });
  });
});
