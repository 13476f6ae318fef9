import {
  judgeParsedBody,
  judgeRequestBodyHeaders,
  MAX_REQUEST_BODY_BYTES,
  parseRequestBody,
  type BodyFault,
} from '../server/request-body-bytes.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** A body that was read, with its bytes, or what is wrong with it. Without `bytes` there was nothing to read. */
export type RequestBody =
  | { readonly fault: BodyFault }
  | { readonly fault?: undefined; readonly value: unknown; readonly bytes: Bytes | undefined };

/**
 * Reads and parses a request's JSON body, at most 4 MiB of it.
 *
 * @param parsedBody - the value, where somebody has read the body already; not believed where nobody has
 */
export async function readRequestBody(request: Request, parsedBody: unknown): Promise<RequestBody> {
  const { headers } = request;
  const contentType = headers.get('content-type');
  if (request.bodyUsed) {
    // What somebody read and did not hand on cannot be judged, and a handler may have it all the same.
    const parsedFault = parsedBody === undefined ? 'not_json' : judgeParsedBody(parsedBody, contentType);
    if (parsedFault !== undefined) return { fault: parsedFault };
    return { value: parsedBody, bytes: new TextEncoder().encode(JSON.stringify(parsedBody)) };
  }
  const contentLength = headers.get('content-length');
  const contentEncoding = headers.get('content-encoding');
  const isFramed = contentLength !== null && !headers.has('transfer-encoding');
  // Whatever the method: a body that nobody judged must not reach a handler.
  if (!isFramed && request.body === null) return { value: undefined, bytes: undefined };
  const fault = judgeRequestBodyHeaders({ contentType, contentLength, contentEncoding });
  if (fault !== undefined) return { fault };
  const bytes = await (isFramed ? takeWhole(request) : takeChunks(request)).catch(() => 'aborted' as const);
  if (typeof bytes === 'string') return { fault: bytes };
  const parsed = parseRequestBody(bytes, contentType);
  if (parsed.outcome === 'read') return { value: parsed.value, bytes };
  return parsed.outcome === 'empty' ? { value: undefined, bytes } : { fault: parsed.outcome };
}

/** The quick way, for a body whose length the runtime holds it to: some make the stream when it is asked for. */
async function takeWhole(request: Request): Promise<Bytes | 'too_large'> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  return bytes.byteLength > MAX_REQUEST_BODY_BYTES ? 'too_large' : bytes;
}

async function takeChunks({ body }: Request): Promise<Bytes | 'too_large'> {
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    size += value.byteLength;
    // The rest is left alone: to cancel it ends the connection, and the answer with it.
    if (size > MAX_REQUEST_BODY_BYTES) return 'too_large';
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}
