import type { IncomingMessage } from 'node:http';
import { pipeline, Transform, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { printable } from '../../printable-text.ts';
import { NodeFetchError } from './node-fetch-error.ts';

/** Text compresses to a tenth or so; what unfolds a hundredfold is a bomb. Small bodies may be all blanks. */
const MOST_EXPANSION = 100;
const UNJUDGED_BYTES = 1_048_576;

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * The body of an answer without its content coding. None is asked for, but what was stored compressed may come
 * compressed all the same: one of gzip, deflate and br is decoded, as it is read, and refused once it has unfolded
 * to more than 1 MiB and a hundred times its own size.
 *
 * @throws NodeFetchError `content_encoding_refused` for another coding, or several
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-8.4 | RFC 9110 §8.4}
 */
export function decodeBody(incoming: IncomingMessage): Readable {
  const coding = (incoming.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (coding === 'identity' || coding === '') return incoming;
  if (!Object.hasOwn(DECODERS, coding)) {
    throw new NodeFetchError(
      'content_encoding_refused',
      `The answer is encoded in a way that was not asked for: ${printable(coding)}. Expected none, gzip, deflate or br.`,
    );
  }
  const decoder = DECODERS[coding]?.() as Transform;
  let encoded = 0;
  let decoded = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      encoded += chunk.length;
      done(null, chunk);
    },
  });
  const judge = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      decoded += chunk.length;
      if (decoded <= UNJUDGED_BYTES || decoded <= encoded * MOST_EXPANSION) return done(null, chunk);
      done(
        new NodeFetchError(
          'content_encoding_refused',
          `The answer unfolds to more than ${MOST_EXPANSION} times its size.`,
        ),
      );
    },
  });
  return pipeline(incoming, count, decoder, judge, () => undefined);
}
