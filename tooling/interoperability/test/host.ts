import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** An HTTP server on 127.0.0.1 whose address is known before what it serves. */
export interface Host {
  readonly origin: string;
  /** Everything that reached it, as method and path, oldest first. */
  readonly requests: string[];
  /** Serves this from now on. */
  serve(handler: RequestListener): void;
}

/** Starts a host that lives until the current test has finished. Until it is told what to serve it answers 503. */
export async function startHost(): Promise<Host> {
  const requests: string[] = [];
  let handler: RequestListener = (_, response) => response.writeHead(503).end();
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    serve(next) {
      handler = next;
    },
  };
}
