import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Options of {@link prepareGracefulStop}'s stop. */
export interface StopOptions {
  /** How long to go on serving, so that whoever sends requests here learns that this is not ready. */
  readonly delaySeconds: number;
  /** How long requests that have begun may take after that. */
  readonly withinSeconds: number;
}

/** Stops an HTTP server without dropping a request. */
export interface GracefulStop {
  /**
   * Answers everything for a while, each connection a last time, then takes no more connections, and waits
   * until the last answer is sent.
   *
   * @returns whether all were answered in time; the rest was cut off
   */
  stop(options: StopOptions): Promise<boolean>;
}

/**
 * Prepares a server, over TLS or not, to be stopped without dropping a request: connections that are kept alive
 * end with `Connection: close` on an answer, and never between two requests that a client believes it may send.
 *
 * A connection that is idle during the whole delay is closed after it; a client that sends on it in that very
 * moment has to repeat the request.
 *
 * @param server - before it has any connection
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.6 | RFC 9112 §9.6}
 */
export function prepareGracefulStop(server: Server): GracefulStop {
  const answering = new Set<ServerResponse>();
  const connections = new Set<Socket>();
  let stopping = false;
  server.prependListener('request', (_request, response: ServerResponse) => {
    answering.add(response);
    response.once('close', () => answering.delete(response));
    if (stopping) response.setHeader('Connection', 'close');
  });
  // A server over TLS has both events: the second once TLS is spoken.
  for (const event of ['connection', 'secureConnection']) {
    server.on(event, (socket: Socket) => {
      connections.add(socket);
      socket.once('close', () => connections.delete(socket));
    });
  }
  return {
    async stop({ delaySeconds, withinSeconds }) {
      stopping = true;
      for (const response of answering) {
        if (!response.headersSent) response.setHeader('Connection', 'close');
      }
      await sleep(delaySeconds);
      return await closeWithin(server, connections, withinSeconds);
    },
  };
}

async function closeWithin(
  server: Server,
  connections: ReadonlySet<Socket>,
  seconds: number,
): Promise<boolean> {
  let inTime = true;
  const timer = setTimeout(() => {
    inTime = false;
    server.closeAllConnections();
  }, seconds * 1000);
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Node takes those on which nothing was ever sent for busy.
  for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
  await closed;
  clearTimeout(timer);
  return inTime;
}

async function sleep(seconds: number): Promise<void> {
  if (seconds > 0) await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
