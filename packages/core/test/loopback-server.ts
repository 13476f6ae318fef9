import {
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** A request as it reached a test server. */
export interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a test server answers; a function writes the response itself, or never does. */
export type Answer =
  | { status?: number; headers?: OutgoingHttpHeaders; json?: unknown; body?: string | Uint8Array }
  | ((response: ServerResponse) => void);

/** A running test server. */
export interface LoopbackServer {
  readonly origin: string;
  /** Everything that reached it, oldest first. */
  readonly requests: ReceivedRequest[];
}

/** Starts a server on 127.0.0.1 that lives until the current test has finished. */
export async function startLoopbackServer(
  answer: (request: ReceivedRequest) => Answer | Promise<Answer>,
): Promise<LoopbackServer> {
  const requests: ReceivedRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((incoming, response) => {
    void (async () => {
      const { method = '', url = '', headers } = incoming;
      const request = { method, url, headers, body: await text(incoming) };
      requests.push(request);
      write(response, await answer(request));
    })().catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

function write(response: ServerResponse, answer: Answer): void {
  if (typeof answer === 'function') {
    answer(response);
    return;
  }
  const { status = 200, json, body } = answer;
  const headers: OutgoingHttpHeaders = json === undefined ? {} : { 'content-type': 'application/json' };
  response
    .writeHead(status, { ...headers, ...answer.headers })
    .end(json === undefined ? body : JSON.stringify(json));
}
