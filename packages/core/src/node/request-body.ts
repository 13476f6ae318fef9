import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import {
  judgeRequestBodyHeaders,
  MAX_REQUEST_BODY_BYTES,
  parseRequestBody,
  type ParsedRequestBody,
} from '../server/request-body-bytes.ts';

export { MAX_REQUEST_BODY_BYTES };

/** A body that was read, or why it was not. */
export type RequestBody = ParsedRequestBody;

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
  const {
    'content-type': contentType,
    'content-encoding': contentEncoding,
    'content-length': contentLength,
  } = request.headers;
  const fault = judgeRequestBodyHeaders({ contentType, contentEncoding, contentLength }, maxBytes);
  if (fault !== undefined) return { outcome: fault };
  const bytes = await takeBytes(request, maxBytes);
  return typeof bytes === 'string' ? { outcome: bytes } : parseRequestBody(bytes, contentType);
}

/**
 * Of HTTP/2 the stream behind the request knows, before the request has ended. Requests that a framework makes up
 * for tests have neither, but a length.
 */
function hasArrived(request: IncomingMessage & { readonly stream?: Readable }, size: number): boolean {
  return (
    request.complete ||
    request.stream?.readableEnded === true ||
    (size > 0 && size === Number(request.headers['content-length']))
  );
}

function takeBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer | 'too_large' | 'aborted'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (result: Buffer | 'too_large' | 'aborted'): void => {
      request.off('readable', read).off('end', end).off('close', abort).off('error', abort);
      resolve(result);
    };
    const abort = (): void => settle('aborted');
    // What has ended takes nothing back, which matters unless it was empty.
    const end = (): void => settle(size === 0 ? Buffer.alloc(0) : 'aborted');
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
      if (!hasArrived(request, size)) return;
      const bytes = Buffer.concat(chunks, size);
      // Once the stream has emitted 'end' nothing can be put back: this runs before it does.
      if (size > 0) request.unshift(bytes);
      settle(bytes);
    };
    // A client that left while its token was verified: no event will tell.
    if (request.destroyed) return settle('aborted');
    request.on('readable', read).on('end', end).on('close', abort).on('error', abort);
    read();
  });
}
