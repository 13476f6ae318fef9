import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EndpointAnswer } from '@mcp-m2m/testing';

/** A server of status lists, which answers every path alike. */
export interface ListServer extends AsyncDisposable {
  readonly origin: string;
  readonly requests: readonly ListRequest[];
  answerWith(answer: EndpointAnswer): void;
  /** Cuts every connection. */
  down(): void;
  /** Takes requests and answers none. */
  hang(): void;
}

export interface ListRequest {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly accept: string | undefined;
  readonly authorization: string | undefined;
}

export async function startListServer(): Promise<ListServer> {
  const requests: ListRequest[] = [];
  let answer: EndpointAnswer | 'down' | 'hang' = { status: 404 };
  const server = createServer((request, response) => {
    const { accept, authorization } = request.headers;
    requests.push({ method: request.method, path: request.url, accept, authorization });
    if (answer === 'hang') return;
    if (answer === 'down') {
      response.destroy();
      return;
    }
    const {
      status = 200,
      headers = {},
      json,
      body,
      chunks,
      millisecondsBetweenChunks = 0,
      thenReset,
    } = answer;
    response.writeHead(status, json === undefined ? headers : { 'content-type': 'application/json' });
    if (chunks !== undefined) {
      void (async () => {
        for await (const chunk of chunks) {
          await sleep(millisecondsBetweenChunks);
          if (response.destroyed) return;
          response.write(chunk);
        }
        response.end();
      })();
    } else if (thenReset === true) response.write(body ?? '', () => response.destroy());
    else response.end(json === undefined ? body : JSON.stringify(json));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answerWith: (next) => (answer = next),
    down: () => (answer = 'down'),
    hang: () => (answer = 'hang'),
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
