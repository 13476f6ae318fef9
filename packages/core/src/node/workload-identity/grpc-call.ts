import {
  connect,
  constants,
  type ClientHttp2Session,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from 'node:http2';
import { createConnection } from 'node:net';
import { describeNetworkFailure } from '../../bounded-document.ts';
import { printable } from '../../printable-text.ts';
import { untilAborted } from '../../until-aborted.ts';
import type { SpiffeEndpoint } from './spiffe-endpoint.ts';

/** A call without streams. */
export interface GrpcCall {
  readonly endpoint: SpiffeEndpoint;
  readonly path: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly message: Uint8Array;
  /** The most that is read of the answer, in bytes. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** How a call ended. Status 0 comes with the message. */
export type GrpcResult =
  | { readonly status: 0; readonly message: Uint8Array }
  | { readonly status: number; readonly statusMessage: string };

/** A call that ended without a status. */
export class GrpcCallError extends Error {
  override readonly name = 'GrpcCallError';
}

/**
 * Makes one call over a connection of its own, without TLS and without compression.
 *
 * @throws GrpcCallError whose message says what came instead of an answer, or the signal's reason
 * @see {@link https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md | gRPC over HTTP/2}
 */
export async function callGrpc(call: GrpcCall): Promise<GrpcResult> {
  const { endpoint, signal } = call;
  signal.throwIfAborted();
  const authority = 'path' in endpoint ? 'localhost' : new URL(`http://${hostOf(endpoint)}`).host;
  const session = connect(`http://${authority}`, {
    createConnection: () => createConnection(endpoint),
    settings: { enablePush: false },
  });
  // A session reports its end once more after it has been given up.
  session.on('error', () => undefined);
  try {
    return readResult(await untilAborted(exchange(session, call), signal));
  } finally {
    session.destroy();
  }
}

function hostOf({ host, port }: { host: string; port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** What came back, whole and unread. */
interface Exchanged {
  readonly headers: IncomingHttpHeaders & IncomingHttpStatusHeader;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function exchange(
  session: ClientHttp2Session,
  { path, metadata, message, maxBytes }: GrpcCall,
): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    // A stream that goes down with its connection tells why in the cause only.
    const fail = (error: Error): void =>
      reject(new GrpcCallError(describeNetworkFailure(error.cause ?? error)));
    session.once('error', fail);
    const stream = session.request({
      ...metadata,
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let headers: Exchanged['headers'] = {};
    let trailers: IncomingHttpHeaders = {};
    const chunks: Buffer[] = [];
    let size = 0;
    stream.on('response', (received) => (headers = received));
    stream.on('trailers', (received) => (trailers = received));
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) {
        reject(new GrpcCallError(`more than ${maxBytes} bytes`));
        stream.close(constants.NGHTTP2_CANCEL);
      } else chunks.push(chunk);
    });
    stream.on('error', fail);
    stream.on('close', () => resolve({ headers, trailers, body: Buffer.concat(chunks) }));
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    stream.end(Buffer.concat([prefix, message]));
  });
}

function readResult({ headers, trailers, body }: Exchanged): GrpcResult {
  const httpStatus = headers[':status'];
  if (httpStatus !== 200) {
    throw new GrpcCallError(httpStatus === undefined ? 'no answer' : `HTTP status ${httpStatus}`);
  }
  const type = headers['content-type'] ?? '';
  if (!/^application\/grpc(?:[+;]|$)/i.test(type)) {
    throw new GrpcCallError(type === '' ? 'an answer without content type' : printable(type));
  }
  // An answer of headers alone has them where the others have trailers.
  const { 'grpc-status': text, 'grpc-message': statusMessage } =
    'grpc-status' in trailers ? trailers : headers;
  if (typeof text !== 'string' || !/^\d{1,2}$/.test(text)) throw new GrpcCallError('no gRPC status');
  const status = Number(text);
  if (status !== 0) return { status, statusMessage: decodeMessage(statusMessage) };
  if (body.length < 5 || body[0] !== 0 || body.readUInt32BE(1) !== body.length - 5) {
    throw new GrpcCallError('something else than one uncompressed message');
  }
  return { status: 0, message: body.subarray(5) };
}

/** Percent-encoded, if the peer keeps to the protocol. */
function decodeMessage(value: string | string[] | undefined): string {
  const text = String(value ?? '');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
