import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, ListenOptions, Socket } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { createFolder } from './scene.ts';

/** A call as it reached the stand-in. */
export interface ReceivedCall {
  readonly headers: IncomingHttpHeaders;
  /** With the five bytes before the message. */
  readonly body: Buffer;
  readonly audiences: string[];
  readonly spiffeIds: string[];
}

export type AnswerCall = (stream: ServerHttp2Stream, call: ReceivedCall) => void | Promise<void>;

/** A running stand-in for a SPIFFE agent. */
export interface WorkloadApi {
  /** As `SPIFFE_ENDPOINT_SOCKET` names it. */
  readonly address: string;
  readonly calls: ReceivedCall[];
  /** Connections that are open now. */
  readonly connections: ReadonlySet<Socket>;
}

const PATH = '/SpiffeWorkloadAPI/FetchJWTSVID';

/**
 * Serves the Workload API over HTTP/2 without TLS. Checks what an agent checks (the path, the security header, an
 * audience) before it lets `answer` speak.
 */
export async function startWorkloadApi(
  answer: AnswerCall,
  transport: 'unix' | 'tcp' = 'unix',
): Promise<WorkloadApi> {
  const calls: ReceivedCall[] = [];
  const connections = new Set<Socket>();
  const server = createServer();
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
  });
  server.on('sessionError', () => undefined);
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    void (async () => {
      const body = await buffer(stream);
      const texts = readTexts(body.subarray(5));
      const call = {
        headers,
        body,
        audiences: texts.filter(([number]) => number === 1).map(([, text]) => text),
        spiffeIds: texts.filter(([number]) => number === 2).map(([, text]) => text),
      };
      calls.push(call);
      if (headers[':method'] !== 'POST' || headers[':path'] !== PATH)
        return endWith(stream, 12, 'unknown method');
      if (headers['content-type'] !== 'application/grpc' || headers.te !== 'trailers') {
        return stream.respond({ ':status': 415 }, { endStream: true });
      }
      if (headers['workload.spiffe.io'] !== 'true') {
        return endWith(stream, 3, 'security header missing from request');
      }
      if (call.audiences.length === 0) return endWith(stream, 3, 'audience must be specified');
      await answer(stream, call);
    })().catch(() => stream.destroy());
  });
  const path = join(await createFolder(), 'agent.sock');
  const options: ListenOptions = transport === 'unix' ? { path } : { host: '127.0.0.1', port: 0 };
  await new Promise<void>((resolve) => server.listen(options, resolve));
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of connections) socket.destroy();
    await closed;
  });
  const port = transport === 'unix' ? 0 : (server.address() as AddressInfo).port;
  const address = transport === 'unix' ? `unix://${path}` : `tcp://127.0.0.1:${port}`;
  return { address, calls, connections };
}

/** Ends a call without a message: status and text stand in the only headers. */
export function endWith(stream: ServerHttp2Stream, status: number, message = ''): void {
  const headers = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(status) };
  stream.respond({ ...headers, 'grpc-message': encodeURIComponent(message) }, { endStream: true });
}

/** Answers with bytes, and with trailers after them. */
export function answerWith(
  stream: ServerHttp2Stream,
  body: Uint8Array,
  trailers: Record<string, string> = { 'grpc-status': '0', 'grpc-message': '' },
): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.end(body);
}

/** Puts the five bytes before a message: not compressed, and its length. */
export function frame(message: Uint8Array): Buffer {
  const length = message.byteLength;
  const prefix = [0, (length >>> 24) & 255, (length >>> 16) & 255, (length >>> 8) & 255, length & 255];
  return Buffer.from([...prefix, ...message]);
}

/** One field of a message that is a text or a message itself. */
export function field(number: number, content: string | readonly number[]): number[] {
  const bytes = typeof content === 'string' ? [...new TextEncoder().encode(content)] : content;
  return [(number << 3) | 2, ...varint(bytes.length), ...bytes];
}

/** A `JWTSVIDResponse` with one `JWTSVID` for each pair of identity and token, its `hint` included. */
export function jwtSvidResponse(
  ...svids: readonly (readonly [spiffeId: string, svid: string])[]
): Uint8Array {
  return Uint8Array.from(
    svids.flatMap(([spiffeId, svid]) =>
      field(1, [...field(1, spiffeId), ...field(2, svid), ...field(3, 'internal')]),
    ),
  );
}

export function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}

/** Fields of a message that has texts of at most 16,383 bytes only. */
function readTexts(bytes: Uint8Array): [number: number, text: string][] {
  const [tag, low = 0, high = 0] = bytes;
  if (tag === undefined) return [];
  const start = low < 128 ? 2 : 3;
  const end = start + (low < 128 ? low : low - 128 + high * 128);
  return [
    [tag >> 3, new TextDecoder().decode(bytes.subarray(start, end))],
    ...readTexts(bytes.subarray(end)),
  ];
}
