import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import Koa2 from 'koa-2';

/** The ends of the range of versions that are supported. */
export const KOA_VERSIONS: readonly (readonly [string, typeof Koa])[] = [
  ['Koa 2', Koa2],
  ['Koa 3', Koa],
];

/** A server on a loopback port of its own. */
export interface RunningServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40123`. */
  readonly origin: string;
  readonly close: () => Promise<void>;
}

/** Listens before the application is made, so that it can be told its own origin. */
export async function run(
  createListener: (origin: string) => (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<RunningServer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const listener = createListener(origin);
  server.on('request', (request, response) => void listener(request, response));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { origin, close, [Symbol.asyncDispose]: close };
}
