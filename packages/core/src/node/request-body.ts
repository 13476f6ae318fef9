import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';

/** A body that was read, or why it was not. */
export type RequestBody =
  | { readonly outcome: 'read'; readonly value: unknown }
  | { readonly outcome: 'empty' | 'not_json' | 'media_type' | 'second_token' | 'too_large' | 'aborted' };

/** Most bytes of a request body that are read. */
export const MAX_REQUEST_BODY_BYTES = 4_194_304;

const JSON_MEDIA_TYPE = /^application\/(?:[^;\s]+\+)?json\s*(?:;|$)/i;
const FORM_MEDIA_TYPE = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

// A body parser that comes later would decode these into another value than the one that was judged.
const FOREIGN_CHARSET = /charset(?!\s*=\s*"?utf-?8"?\s*(?:;|$))/i;

/**
 * Reads and parses a request's JSON body and puts the bytes back, so that whoever comes next still finds
 * its stream.
 *
 * Another media type than JSON is told apart (`media_type`), and so is a form with a second access token
 * (`second_token`). A charset other than UTF-8 and a content encoding count as not JSON.
 *
 * @param request - a request whose body nobody has read
 * @param maxBytes - the most that is read. Default 4 MiB.
 */
export async function readRequestBody(
  request: IncomingMessage,
  maxBytes = MAX_REQUEST_BODY_BYTES,
): Promise<RequestBody> {
  const { headers } = request;
  if (Number(headers['content-length'] ?? 0) > maxBytes) return { outcome: 'too_large' };
  const mediaType = headers['content-type'] ?? 'application/json';
  const encoding = headers['content-encoding'] ?? 'identity';
  if (FOREIGN_CHARSET.test(mediaType) || encoding.toLowerCase() !== 'identity') {
    return { outcome: 'not_json' };
  }
  const bytes = await takeBytes(request, maxBytes);
  if (typeof bytes === 'string') return { outcome: bytes };
  if (bytes.length === 0) return { outcome: 'empty' };
  if (FORM_MEDIA_TYPE.test(mediaType)) {
    const second = new URLSearchParams(bytes.toString('utf8')).has('access_token');
    return { outcome: second ? 'second_token' : 'media_type' };
  }
  if (!JSON_MEDIA_TYPE.test(mediaType)) return { outcome: 'media_type' };
  try {
    return { outcome: 'read', value: JSON.parse(bytes.toString('utf8')) };
  } catch {
    return { outcome: 'not_json' };
  }
}

/** Of HTTP/2 the stream behind the request knows, before the request has ended. */
function hasArrived(request: IncomingMessage & { readonly stream?: Readable }): boolean {
  return request.complete || request.stream?.readableEnded === true;
}

function takeBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer | 'too_large' | 'aborted'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (result: Buffer | 'too_large' | 'aborted'): void => {
      request.off('readable', read).off('close', abort).off('error', abort);
      resolve(result);
    };
    const abort = (): void => settle('aborted');
    const read = (): void => {
      for (
        let chunk = request.read() as Buffer | null;
        chunk !== null;
        chunk = request.read() as Buffer | null
      ) {
        chunks.push(chunk);
        size += chunk.length;
        if (size > maxBytes) return settle('too_large');
      }
      if (!hasArrived(request)) return;
      const bytes = Buffer.concat(chunks, size);
      // Once the stream has emitted 'end' nothing can be put back: this runs before it does.
      if (size > 0) request.unshift(bytes);
      settle(bytes);
    };
    // A client that left while its token was verified: no event will tell.
    if (request.destroyed) return settle('aborted');
    request.on('readable', read).on('close', abort).on('error', abort);
    read();
  });
}
