import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { getRequestListener } from '@hono/node-server';
import type { ServerFetch } from './contract-fetch.ts';

/** A server on a loopback port of its own. */
export interface RunningServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40123`. */
  readonly origin: string;
  readonly close: () => Promise<void>;
}

/** How a fetch handler is put behind Node's HTTP server. */
export type Bridge = (fetch: ServerFetch) => (request: IncomingMessage, response: ServerResponse) => unknown;

export const BRIDGES: readonly (readonly [string, Bridge])[] = [
  ['Node.js, with its own Request', (fetch) => bridge(fetch)],
  ['@hono/node-server', (fetch) => getRequestListener(fetch)],
  [
    '@hono/node-server beside Node’s own Request',
    (fetch) => getRequestListener(fetch, { overrideGlobalObjects: false }),
  ],
];

export async function run(listener: ReturnType<Bridge>): Promise<RunningServer> {
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { origin, close, [Symbol.asyncDispose]: close };
}

/** Serves with what most fetch handlers on Node.js are served with. */
export function listen(fetch: ServerFetch): Promise<RunningServer> {
  return run(getRequestListener(fetch));
}

/** The least that turns a request of Node's HTTP server into its own `Request`. */
function bridge(fetch: ServerFetch): ReturnType<Bridge> {
  return (incoming, response) => {
    void serve(fetch, incoming, response).catch((error: unknown) => response.destroy(error as Error));
  };
}

async function serve(fetch: ServerFetch, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', rawHeaders, url = '/' } = incoming;
  const headers = new Headers();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
  }
  const left = new AbortController();
  response.on('close', () => left.abort());
  const mayHaveBody = method !== 'GET' && method !== 'HEAD';
  const request = new Request(`http://127.0.0.1${url}`, {
    method,
    headers,
    signal: left.signal,
    ...(mayHaveBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' } : {}),
  });
  const answer = await fetch(request);
  response.writeHead(answer.status, [...answer.headers].flat());
  if (answer.body === null) {
    response.end();
    return;
  }
  response.flushHeaders();
  await pipeline(Readable.fromWeb(answer.body), response).catch(() => undefined);
}
